"""What readers get: published only after every check passed, whole, and switched at once."""
