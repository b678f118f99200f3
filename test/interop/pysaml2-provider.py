"""A service provider with pysaml2: one JSON command on each line of standard input, one JSON answer on each line of output."""
import json
import os
import sys
import tempfile

from saml2 import BINDING_HTTP_POST, BINDING_HTTP_REDIRECT
from saml2.client import Saml2Client
from saml2.config import SPConfig
from saml2.sigver import verify_redirect_signature
from saml2.time_util import in_a_while

# The library signs with SHA-1 unless it is told otherwise.
SIGNATURE = "http://www.w3.org/2001/04/xmldsig-more#rsa-sha256"
DIGEST = "http://www.w3.org/2001/04/xmlenc#sha256"
BINDINGS = {"redirect": BINDING_HTTP_REDIRECT, "post": BINDING_HTTP_POST}
clients = {}
# The user whom each of them knows.
names = {}


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
                    "endpoints": {
                        "assertion_consumer_service": [(said["acs"], BINDING_HTTP_POST)],
                        "single_logout_service": [(said["slo"], binding) for binding in BINDINGS.values()],
                    },
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
    request_id, http = client.prepare_for_authenticate(
        binding=BINDINGS[said["binding"]],
        relay_state=said["relayState"],
        sign=said["signs"],
        sigalg=SIGNATURE,
        digest_alg=DIGEST,
    )
    return {"id": request_id, **sent(http)}


def sent(http):
    return {"url": dict(http["headers"]).get("Location"), "html": http["data"]}


def accept(said):
    client = clients[said["entityId"]]
    outstanding = {said["requestId"]: "/"} if said.get("requestId") else {}
    response = client.parse_authn_request_response(said["response"], BINDING_HTTP_POST, outstanding)
    name_id = names[said["entityId"]] = response.name_id
    return {
        "nameId": name_id.text,
        "format": name_id.format,
        "attributes": response.ava,
        "sessionIndex": response.session_info()["session_index"],
        "issuer": response.issuer(),
    }


def identity_provider(client):
    return client.metadata.keys()[0]


# The library leaves it to its user to look at the signature of a query.
def assert_query(client, fields):
    certificates = client.metadata.certs(identity_provider(client), "idpsso", "signing")
    if not any(verify_redirect_signature(fields, client.sec.sec_backend, one) for one in certificates):
        raise Exception("the Signature of the query does not fit")


def received(client, said, name):
    if said["binding"] == "redirect":
        assert_query(client, said["fields"])
    return said["fields"][name], BINDINGS[said["binding"]]


# Its user wants to sign out.
def logout(said):
    client = clients[said["entityId"]]
    sends = client.do_logout(
        names[said["entityId"]],
        [identity_provider(client)],
        reason="",
        expire=in_a_while(minutes=5),
        sign=said["signs"],
        expected_binding=BINDINGS[said["binding"]],
        sign_alg=SIGNATURE,
        digest_alg=DIGEST,
    )
    _, http = sends[identity_provider(client)]
    return sent(http)


# The identity provider has answered.
def answered(said):
    client = clients[said["entityId"]]
    message, binding = received(client, said, "SAMLResponse")
    response = client.parse_logout_request_response(message, binding)
    client.handle_logout_response(response)
    return {"isSignedIn": client.is_logged_in(names[said["entityId"]])}


# The identity provider asks.
def asked(said):
    client = clients[said["entityId"]]
    message, binding = received(client, said, "SAMLRequest")
    http = client.handle_logout_request(
        message,
        names[said["entityId"]],
        binding,
        sign=said["signs"],
        sign_alg=SIGNATURE,
        digest_alg=DIGEST,
        relay_state=said["fields"]["RelayState"],
    )
    return {"isSignedIn": client.is_logged_in(names[said["entityId"]]), **sent(http)}


COMMANDS = {
    "make": make,
    "request": request,
    "accept": accept,
    "logout": logout,
    "answered": answered,
    "asked": asked,
}

for line in sys.stdin:
    said = json.loads(line)
    try:
        answer = COMMANDS[said["do"]](said)
    except Exception as fault:
        answer = {"fault": f"{type(fault).__name__}: {fault}"}
    print(json.dumps(answer), flush=True)
