"""The API of billing, a file a concept; what its views share is `core.api_doors`. Money is text, in yuan."""
