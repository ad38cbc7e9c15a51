"""Templates, outbound messages, contact policy and channels."""
