"""moto's S3 and STS on loopback, noting who signs each request. moto itself believes every signature; this does not."""

import threading

import moto.moto_server.werkzeug_app as moto_server
import werkzeug.serving
from moto.s3.models import s3_backends

import issued
import signature
import task

# The smallest image that GDAL reads; the other tools take it for any object.
CONTENT = b"P5 1 1 255\n\0"
ACCOUNT = "123456789012"
APPLICATION = moto_server.DomainDispatcherApplication(moto_server.create_backend_app)


class Handler(werkzeug.serving.WSGIRequestHandler):
    """Says nothing, and keeps the headers whose names have an underscore, which WSGI drops."""

    def make_environ(self):
        return super().make_environ() | {signature.HEADERS: self.headers}

    def log(self, *_):
        pass


class Recorder:
    """Access key IDs in the order of their first use, and what was wrong with requests. A context manager."""

    def __init__(self, bucket, daemon):
        self._daemon = daemon
        self.keys = []
        self.problems = []
        storage = s3_backends[ACCOUNT]["aws"]
        storage.create_bucket(bucket, task.REGION)
        storage.put_object(bucket, task.OBJECT, CONTENT)

    def __enter__(self):
        self._server = werkzeug.serving.make_server("127.0.0.1", 0, self._answer, threaded=True, request_handler=Handler)
        self._server.daemon_threads = True
        self.endpoint = f"http://127.0.0.1:{self._server.port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self._server.shutdown()
        self._server.server_close()

    def _answer(self, environ, start_response):
        problem = self._judge(environ)
        if problem and problem not in self.problems:
            self.problems.append(problem)
        return APPLICATION(environ, start_response)

    def _judge(self, environ):
        try:
            signed = signature.Signed(environ)
        except ValueError as error:
            return str(error)
        if signed.key not in self.keys:
            self.keys.append(signed.key)
        credentials = self._daemon.find(signed.key)
        if credentials is None:
            return "a request was signed with a key that the daemon never served"
        if signed.token != credentials["Token"]:
            return "a request carried the session token of other credentials"
        if not signed.is_signed_with(credentials["SecretAccessKey"]):
            return "a request's signature is not that of the key's secret"
        return "a request was signed with expired credentials" if issued.expired(credentials) else None
