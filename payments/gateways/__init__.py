"""The outside payment platforms, one folder each, behind one interface.

`interface` holds the words both sides share, `registry.gateway_for` makes a gateway from a merchant's configuration.
`sandbox` is not a gateway of the product: it is a program of its own that speaks the platforms' protocols.
"""
