"""Intents, gateways, receipts and allocation."""
