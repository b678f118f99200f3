"""A service provider with pysaml2: one JSON command on each line of standard input, one JSON answer on each line of output."""
import json
import os
import sys
import tempfile

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig

BINDINGS = {"redirect": BINDING_HTTP_REDIRECT, "post": BINDING_HTTP_POST}
clients = {}


def keep(folder, name, text):
    path = os.path.join(folder, name)
    with open(path, "w") as file:
        file.write(text)
    return path


def make(said):
    folder = tempfile.mkdtemp(dir=said["folder"])
    key = keep(folder, "key.pem", said["key"])
    certificate = keep(folder, "cert.pem", said["certificate"])
    config = SPConfig()
    config.load(
        {
            "entityid": said["entityId"],
            "xmlsec_binary": said["xmlsec"],
            "key_file": key,
            "cert_file": certificate,
            "encryption_keypairs": [{"key_file": key, "cert_file": certificate}],
            "metadata": {"local": [keep(folder, "idp.xml", said["idpMetadata"])]},
            "allow_unknown_attributes": True,
            "service": {
                "sp": {
                    "endpoints": {"assertion_consumer_service": [(said["acs"], BINDING_HTTP_POST)]},
                    "authn_requests_signed": said["signs"],
                    "want_response_signed": True,
                    "want_assertions_signed": said["wantsAssertionSigned"],
                    "allow_unsolicited": said["allowsUnsolicited"],
                    "name_id_policy_format": said["nameIdFormat"],
                }
            },
        }
    )
    clients[said["entityId"]] = Saml2Client(config)
    return {}


def request(said):
    client = clients[said["entityId"]]
    binding = BINDINGS[said["binding"]]
    # The library signs with SHA-1 unless it is told otherwise.
    request_id, http = client.prepare_for_authenticate(
        binding=BINDINGS[said["binding"]],
        relay_state=said["relayState"],
        sign=said["signs"],
        sigalg="http://www.w3.org/2001/04/xmldsig-more#rsa-sha256",
        digest_alg="http://www.w3.org/2001/04/xmlenc#sha256",
    )
    return {"id": request_id, "url": dict(http["headers"]).get("Location"), "html": http["data"]}


def accept(said):
    client = clients[said["entityId"]]
    outstanding = {said["requestId"]: "/"} if said.get("requestId") else {}
    response = client.parse_authn_request_response(said["response"], BINDING_HTTP_POST, outstanding)
    name_id = response.name_id
    return {
        "nameId": name_id.text,
        "format": name_id.format,
        "attributes": response.ava,
        "sessionIndex": response.session_info()["session_index"],
        "issuer": response.issuer(),
    }


for line in sys.stdin:
    said = json.loads(line)
    try:
        answer = {"make": make, "request": request, "accept": accept}[said["do"]](said)
    except Exception as fault:
        answer = {"fault": f"{type(fault).__name__}: {fault}"}
    print(json.dumps(answer), flush=True)
