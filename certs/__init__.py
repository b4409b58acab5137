"""TLS material: the local authority, the leaf certificate, and the contexts made from them."""

from certs.contexts import ServerTls
from certs.files import CertificateError
from certs.material import Material, local, local_files, own

__all__ = ["CertificateError", "Material", "ServerTls", "local", "local_files", "own"]
