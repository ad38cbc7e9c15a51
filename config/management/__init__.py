"""Commands that run the house: the servers, the whole stack."""
