"""What one record holds: headers, envelope and signature, and the description of all of them (AsyncAPI)."""
