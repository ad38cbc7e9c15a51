"""A payment platform of one's own: it speaks WeChat Pay v3 and Alipay with real signatures and its own keys.

    python -m payments.gateways.sandbox --state var/sandbox --port 8131

It is a program outside the product, of the standard library and `cryptography` alone: it imports nothing of the
product and the product nothing of it, so that a misreading of a protocol cannot agree with itself. On start it
writes `merchants.json` into its state folder, a list of merchant configurations the product takes as they are.
Amounts are fen, times Unix seconds, days and printed times Beijing's.
"""
