"""An OAuth 1.0a provider for tests, by oauthlib: software of others that judges what our requests look like.

It listens on 127.0.0.1, agrees to everything that a browser asks of it, and keeps everything in memory. Its own part is
storage and HTTP; what is right and wrong is decided by oauthlib's endpoints, with their default rules for the form of
keys, tokens and nonces. Clients register themselves with POST /clients.

    python3 oauth1_provider.py PORT
"""

import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import urlsplit

from oauthlib.oauth1 import (
    AccessTokenEndpoint,
    AuthorizationEndpoint,
    OAuth1Error,
    RequestTokenEndpoint,
    RequestValidator,
    ResourceEndpoint,
)

DUMMY = "dummydummydummydummydummy"


class Store(RequestValidator):
    """What the provider remembers. Names are those of oauthlib."""

    enforce_ssl = False
    dummy_client = dummy_request_token = dummy_access_token = DUMMY

    def __init__(self):
        super().__init__()
        self.lock = threading.Lock()
        self.clients = {}
        self.request_tokens = {}
        self.access_tokens = {}
        self.nonces = set()

    # Secrets and keys

    def get_client_secret(self, client_key, request):
        return self.clients.get(client_key, {}).get("secret", DUMMY)

    def get_rsa_key(self, client_key, request):
        return self.clients.get(client_key, {}).get("public_key", "")

    def get_request_token_secret(self, client_key, token, request):
        return self.request_tokens.get(token, {}).get("oauth_token_secret", DUMMY)

    def get_access_token_secret(self, client_key, token, request):
        return self.access_tokens.get(token, {}).get("oauth_token_secret", DUMMY)

    # Each client signs in the one way that it has registered.

    def validate_client_key(self, client_key, request):
        client = self.clients.get(client_key)
        return client is not None and client["method"] == request.signature_method

    def validate_request_token(self, client_key, token, request):
        return self.request_tokens.get(token, {}).get("client_key") == client_key

    def validate_access_token(self, client_key, token, request):
        return self.access_tokens.get(token, {}).get("client_key") == client_key

    def validate_timestamp_and_nonce(
        self, client_key, timestamp, nonce, request, request_token=None, access_token=None
    ):
        used = (client_key, timestamp, nonce, request_token or access_token)
        with self.lock:
            is_new = used not in self.nonces
            self.nonces.add(used)
        return is_new

    def validate_redirect_uri(self, client_key, redirect_uri, request):
        return self.clients.get(client_key, {}).get("callback") == redirect_uri

    def validate_verifier(self, client_key, token, verifier, request):
        return self.request_tokens.get(token, {}).get("verifier") == verifier

    def verify_request_token(self, token, request):
        return token in self.request_tokens

    def get_redirect_uri(self, token, request):
        return self.request_tokens[token]["callback"]

    # Nobody asks for realms.

    def get_default_realms(self, client_key, request):
        return []

    def get_realms(self, token, request):
        return []

    def validate_requested_realms(self, client_key, realms, request):
        return not realms

    def validate_realms(self, client_key, token, request, uri=None, realms=None):
        return not realms

    # Saving

    def save_request_token(self, token, request):
        self.request_tokens[token["oauth_token"]] = {
            **token,
            "client_key": request.client_key,
            "callback": request.redirect_uri,
        }

    def save_verifier(self, token, verifier, request):
        self.request_tokens[token]["verifier"] = verifier["oauth_verifier"]

    def save_access_token(self, token, request):
        self.access_tokens[token["oauth_token"]] = {**token, "client_key": request.client_key}

    def invalidate_request_token(self, client_key, request_token, request):
        del self.request_tokens[request_token]


store = Store()
request_token = RequestTokenEndpoint(store)
authorization = AuthorizationEndpoint(store)
access_token = AccessTokenEndpoint(store)
resource = ResourceEndpoint(store)


def is_valid(method, uri, headers, body):
    """Whether a request with an access token is signed as it should be."""
    try:
        return resource.validate_protected_resource_request(uri, method, body, headers)[0]
    except ValueError:
        return False


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        uri = f"http://{self.headers['Host']}{self.path}"
        answer = (uri, self.command, body, dict(self.headers.items()))
        path = urlsplit(self.path).path
        try:
            if path == "/request_token":
                headers, text, status = request_token.create_request_token_response(*answer)
            elif path == "/authorize":
                headers, text, status = authorization.create_authorization_response(*answer)
            elif path == "/access_token":
                headers, text, status = access_token.create_access_token_response(*answer)
            elif path == "/clients" and self.command == "POST":
                client = json.loads(body)
                store.clients[client["key"]] = client
                headers, text, status = {}, "", 204
            elif path == "/verify" and self.command == "POST":
                # Requests that were signed but never sent, for hosts and ports that a test cannot have.
                verdicts = [
                    is_valid(case["method"], case["url"], case["headers"], case["body"])
                    for case in json.loads(body)
                ]
                headers, text, status = {"Content-Type": "application/json"}, json.dumps(verdicts), 200
            elif is_valid(self.command, uri, answer[3], body):
                person = {"id": "person-1", "name": "Olga OAuth", "email": "olga@example.com"}
                headers, text, status = {"Content-Type": "application/json"}, json.dumps(person), 200
            else:
                headers, text, status = {}, "", 401
        except OAuth1Error as error:
            headers, text, status = {}, error.urlencoded, error.status_code
        self.answer(status, headers, (text or "").encode())

    do_GET = do_POST = do_PUT = do_DELETE = do_PATCH = do

    def answer(self, status, headers, body):
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *arguments):
        pass


if __name__ == "__main__":
    ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), Handler).serve_forever()
