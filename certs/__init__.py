"""TLS material: the local authority, the leaf certificate, and the contexts made from them."""
