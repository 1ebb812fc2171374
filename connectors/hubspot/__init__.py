"""HubSpot: contacts, companies, deals and what marketing did, through its API."""
