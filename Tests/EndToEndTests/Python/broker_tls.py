"""TLS of the broker with certificates of a private authority: versions and suites, reload, and certificates of clients, the daemon and
the command line among them. Ends at the first surprise."""

import http.client
import json
import os
import pathlib
import signal
import sqlite3
import ssl
import subprocess
import tempfile

import trustme
import yaml
from faults.own_daemon import OwnDaemon
from own_broker import STATE, OwnBroker, awaited, free_port, token

AUTHORITY = trustme.CA()


class TLSBroker(OwnBroker):
    """A broker that takes TLS only; `tls` has more settings than the certificate and its key."""

    def __init__(self, folder, tls=None, client=None):
        folder.mkdir()
        self.tls_port = free_port()
        self.certificate, self.key = folder / "tls.pem", folder / "tls.key"
        self.client = client
        self.renew()
        section = {"certificate": "tls.pem", "key": "tls.key"} | (tls or {})
        issuers = yaml.safe_load((STATE / "stsbroker-server.yaml").read_text())["issuers"]
        super().__init__(folder, {
            "listen": {"address": f"127.0.0.1:{self.tls_port}", "tls": section},
            "issuers": [each | {"cli_client_id": "stsbroker"} for each in issuers]})

    def renew(self, key_of=None):
        """A new certificate; with another one's key, if `key_of` is one."""
        issued = AUTHORITY.issue_cert("127.0.0.1")
        self.certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
        self.key.touch(0o600)
        self.key.write_bytes((key_of or issued).private_key_pem.bytes())
        return ssl.PEM_cert_to_DER_cert(issued.cert_chain_pems[0].bytes().decode())

    def connection(self, client=None, **settings):
        context = ssl.create_default_context()
        AUTHORITY.configure_trust(context)
        for name, value in settings.items():
            setattr(context, name, value)
        if client or self.client:
            (client or self.client).configure_cert(context)
        return http.client.HTTPSConnection("127.0.0.1", self.tls_port, context=context, timeout=30)

    def is_healthy(self):
        assert self.process.poll() is None, self.log.read_text()
        try:
            return asked(self.connection())[0] == 200
        except OSError:
            return False

    def shown(self):
        """The certificate that it presents, in DER."""
        connection = self.connection()
        connection.connect()
        return connection.sock.getpeercert(binary_form=True)

    def reloaded(self, line):
        before = self.log.read_text().count(line)
        self.process.send_signal(signal.SIGHUP)
        awaited(lambda: self.log.read_text().count(line) > before, line)


def asked(connection, method="GET", path="/healthz", user=None, body=None):
    headers = {"Content-Type": "application/json"} | ({"Authorization": token(user)} if user else {})
    connection.request(method, path, json.dumps(body) if body else None, headers)
    answer = connection.getresponse()
    return answer.status, json.loads(answer.read())


def refused(connection):
    try:
        return asked(connection)
    except OSError:
        return None


def versions(broker):
    for version in (ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3):
        assert asked(broker.connection(minimum_version=version, maximum_version=version))[0] == 200, version
    for suites in ("ECDHE-ECDSA-AES128-SHA", "AES128-SHA", "DHE-RSA-AES128-GCM-SHA256"):
        connection = broker.connection(maximum_version=ssl.TLSVersion.TLSv1_2)
        connection._context.set_ciphers(f"{suites}:@SECLEVEL=0")
        assert refused(connection) is None, suites
    old = broker.connection(minimum_version=ssl.TLSVersion.TLSv1, maximum_version=ssl.TLSVersion.TLSv1_1)
    old._context.set_ciphers("ALL:@SECLEVEL=0")
    assert refused(old) is None
    plain = http.client.HTTPConnection("127.0.0.1", broker.tls_port, timeout=30)
    try:
        asked(plain)
        raise AssertionError("plain HTTP was answered")
    except (OSError, http.client.HTTPException):
        pass


def reload(broker):
    open_since = broker.connection()
    assert asked(open_since)[0] == 200
    second = broker.renew()
    broker.reloaded("tls certificate reloaded")
    assert broker.shown() == second
    assert asked(open_since)[0] == 200, "the open connection was dropped"

    broker.renew(key_of=AUTHORITY.issue_cert("127.0.0.1"))
    broker.reloaded("tls certificate not reloaded")
    assert "is not the key of" in broker.log.read_text() and broker.shown() == second
    broker.certificate.write_text("nonsense")
    broker.reloaded("tls certificate not reloaded")
    assert "holds no certificate in PEM" in broker.log.read_text() and broker.shown() == second

    # Nobody says anything: the broker sees it by itself.
    third = broker.renew()
    awaited(lambda: asked(open_since)[0] == 200 and broker.shown() == third, "changed by itself")


def unfit(folder):
    """What is wrong with the files is said before the broker starts."""
    broker = TLSBroker(folder)
    broker.kill()
    for spoil, said in (
            (lambda: broker.key.chmod(0o644), "may be read or written by everybody"),
            (lambda: broker.key.unlink(), "does not exist"),
            (lambda: (broker.key.touch(0o600), broker.key.write_text("")), "holds no private key")):
        spoil()
        result = subprocess.run(
            ["stsbroker-server", "--config", broker.file, "--check-config"], capture_output=True, text=True)
        assert result.returncode == 1 and said in result.stderr and "tls.key" in result.stderr, (said, result)
        broker.key.exists() and broker.key.chmod(0o600)


def clients(folder):
    authority, stranger = trustme.CA(), trustme.CA().issue_cert("laptop-8.example.com")
    (folder / "clients.pem").write_bytes(authority.cert_pem.bytes())
    laptop = authority.issue_cert("laptop-7.example.com")
    tls = {"client_ca": str(folder / "clients.pem")}
    strict = TLSBroker(folder / "strict", tls, client=laptop)
    assert refused(strict.connection(client=stranger)) is None
    strict.client = None
    assert refused(strict.connection()) is None
    connection = strict.connection(client=laptop)
    assert asked(connection, "POST", "/v1/credentials", "developer", {"policy": "readonly"})[0] == 200
    assert "client_certificate=dns:laptop-7.example.com" in strict.log.read_text()
    database = sqlite3.connect(strict.file.with_name("broker.sqlite"))
    [(details,)] = database.execute("SELECT details FROM audit WHERE kind = 'issuance'")
    wanted = {"address": "127.0.0.1", "clientCertificate": "dns:laptop-7.example.com"}
    assert json.loads(details)["source"] == wanted, details
    # A certificate is no sign-in.
    assert asked(strict.connection(client=laptop), path="/v1/policies")[0] == 401
    strict.kill()

    lenient = TLSBroker(folder / "lenient", tls | {"client_certificates": "optional"})
    assert asked(lenient.connection())[0] == 200
    assert asked(lenient.connection(client=laptop))[0] == 200
    assert refused(lenient.connection(client=stranger)) is None
    lenient.kill()


class CertifiedDaemon(OwnDaemon):
    """One with `files` for TLS to the broker."""

    def __init__(self, broker, **files):
        self.files = {name: str(path) for name, path in files.items()}
        super().__init__(f"https://127.0.0.1:{broker.tls_port}", {"readonly": "readonly"})

    def _text_of(self, *settings):
        configuration = json.loads(super()._text_of(*settings))
        return json.dumps(configuration | {"broker": configuration["broker"] | self.files})

    def gets(self, status=0):
        result = subprocess.run(
            ["stsbroker", "credential-process", "readonly", "--socket", self.control], capture_output=True, text=True)
        assert result.returncode == status, result
        return result.stderr


def written(folder, name, issued):
    """The certificate and the key, in files."""
    certificate, key = folder / f"{name}.pem", folder / f"{name}.key"
    certificate.write_bytes(b"".join(each.bytes() for each in issued.cert_chain_pems))
    key.touch(0o600)
    key.write_bytes(issued.private_key_pem.bytes())
    return certificate, key


def own_clients(folder):
    """The daemon and the command line trust a private authority, and prove themselves, if they are told to."""
    authority = trustme.CA()
    clients, servers = folder / "clients.pem", folder / "servers.pem"
    folder.mkdir()
    clients.write_bytes(authority.cert_pem.bytes())
    servers.write_bytes(AUTHORITY.cert_pem.bytes())
    laptop = authority.issue_cert("laptop-7.example.com")
    broker = TLSBroker(folder / "broker", {"client_ca": str(clients)}, client=laptop)
    certificate, key = written(folder, "laptop", laptop)
    _, other_key = written(folder, "other", authority.issue_cert("laptop-8.example.com"))

    with CertifiedDaemon(broker, ca_file=servers, client_certificate=certificate, client_key=key) as daemon:
        daemon.sign_in()
        daemon.gets()
        # What is written now is no key of that certificate: what was there before goes on.
        key.write_bytes(other_key.read_bytes())
        daemon.gets()
        result = subprocess.run(
            ["stsbrokerd", "--config", daemon.configuration, "--check-config"], capture_output=True, text=True)
        assert result.returncode == 1 and f"{key}: is not the key of the certificate" in result.stderr, result
        written(folder, "laptop", laptop)
        command_line(folder, broker, daemon, servers, certificate, key)
    for files in ({"ca_file": servers}, {"client_certificate": certificate, "client_key": key}, {}):
        with CertifiedDaemon(broker, **files) as daemon:
            daemon.sign_in()
            daemon.gets(status=6)
    broker.kill()


def command_line(folder, broker, daemon, servers, certificate, key):
    def stsbroker(*arguments, status=0):
        result = subprocess.run(
            ["stsbroker", *arguments, "--socket", daemon.control], capture_output=True, text=True,
            stdin=subprocess.DEVNULL, env=os.environ | {"XDG_CONFIG_HOME": str(folder)}, cwd=folder)
        assert result.returncode == status, (arguments, result)
        return result.stdout + result.stderr

    configure = "configure", "--broker", f"https://127.0.0.1:{broker.tls_port}"
    for flags, status in (
            ((), 6), (("--ca-file", servers), 6), (("--ca-file", servers, "--client-certificate", certificate), 1),
            (("--ca-file", key), 1)):
        stsbroker(*configure, *flags, status=status)
    stsbroker(*configure, "--ca-file", servers.name, "--client-certificate", certificate.name, "--client-key", key.name)
    assert "readonly" in stsbroker("policies")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        broker = TLSBroker(folder / "one")
        versions(broker)
        reload(broker)
        broker.kill()
        unfit(folder / "two")
        clients(folder)
        own_clients(folder / "three")


main()
