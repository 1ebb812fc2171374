"""Salesforce: leads, contacts, opportunities and what sales did, through its API."""
