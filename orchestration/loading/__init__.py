"""Load a company's streams into its lake, and remember how each load ended."""
