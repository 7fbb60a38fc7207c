"""Uses roles from the command line: env, exec, credential-process, access, setup aws-config, with boto3 and aws. Wants the sandbox's
`env` and a scratch folder. Ends at the first surprise."""

import json
import os
import pathlib
import shutil
import signal
import stat
import subprocess
import sys
import time
import urllib.error
import urllib.request

import botocore.configloader
import sandbox_control
from faults.own_daemon import OwnDaemon, sandbox_addresses

SCRATCH = pathlib.Path(sys.argv[1])
READONLY = "arn:aws:sts::111122223333:assumed-role/stsbroker-readonly/developer"
IDENTITY = "import boto3; print(boto3.client('sts').get_caller_identity()['Arn'])"
# What `env` and `exec` set must be enough by itself.
ENDPOINTS = ("AWS_CONTAINER_CREDENTIALS_FULL_URI", "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE", "AWS_EC2_METADATA_SERVICE_ENDPOINT")
OTHERS_KEYS = {"AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "x", "AWS_PROFILE": "none", "HTTP_PROXY": "http://127.0.0.1:9"}
FOREIGN = b"""# first\r
[default]\r
region=eu-central-1\r
  output : json\r
\r
[profile  old]\r
s3 =\r
    max_concurrent_requests = 20\r
; last, without an end"""


def environment(**more):
    return {name: value for name, value in os.environ.items() if name not in ENDPOINTS} | more


def stsbroker(*arguments, status=0, **variables):
    result = subprocess.run(
        ["stsbroker", *arguments], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment(**variables))
    assert result.returncode == status, (arguments, result)
    return result.stdout + result.stderr


def shells():
    """Each shell that is here gets the role, in spite of keys, a profile and a proxy in its environment."""
    scripts = {
        "sh": f'eval "$(stsbroker env readonly)"; "{sys.executable}" -c "{IDENTITY}"',
        "bash": f'eval "$(stsbroker env readonly --shell bash)"; "{sys.executable}" -c "{IDENTITY}"',
        "zsh": f'eval "$(stsbroker env readonly --shell zsh)"; "{sys.executable}" -c "{IDENTITY}"',
        "fish": f'stsbroker env readonly --shell fish | source; "{sys.executable}" -c "{IDENTITY}"',
    }
    for shell, script in scripts.items():
        if not shutil.which(shell):
            continue
        result = subprocess.run([shell, "-c", script], capture_output=True, text=True, env=environment(**OTHERS_KEYS))
        assert result.stdout == f"{READONLY}\n", (shell, result)
    printed = stsbroker("env", "readonly")
    token = token_file().read_text()
    assert token not in printed and str(token_file()) in printed, printed
    assert set(json.loads(stsbroker("env", "readonly", "--json"))) == {"set", "unset"}
    assert "stsbroker status" in stsbroker("env", "$(id)", status=1)


def token_file():
    return pathlib.Path(os.environ["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])


def executed(*command, role="readonly", **options):
    return subprocess.run(
        ["stsbroker", "exec", role, "--", *command], capture_output=True, text=True, env=environment(**OTHERS_KEYS), **options)


def statuses():
    result = executed(sys.executable, "-c", IDENTITY)
    assert result.stdout == f"{READONLY}\n", result
    for number in (0, 3, 125):
        assert executed("sh", "-c", f"exit {number}").returncode == number
    assert executed("sh", "-c", "kill -TERM $$").returncode == -signal.SIGTERM
    assert executed("/no/such/program").returncode == 127
    assert executed("/etc/passwd").returncode == 126
    assert executed("true", role="nothing").returncode == 1
    assert subprocess.run(["stsbroker", "exec", "readonly"], capture_output=True).returncode == 2
    told_as_json()
    assert executed("sh", "-c", "cat", input="in").stdout == "in"
    # A closed pipe ends programs as it does everywhere, and no signal is blocked or ignored.
    sed = [shutil.which("sed"), "-n", "s/^Sig[BI][lg][kn]:.//p", "/proc/self/status"]
    plain = subprocess.run(sed, capture_output=True, text=True)
    # The 31 standard signals; those above are the C library's own, and left as it finds them.
    ours, theirs = ([int(mask, 16) & 0x7FFF_FFFF for mask in run.stdout.split()] for run in (executed(*sed), plain))
    assert ours == theirs, (ours, theirs)


def told_as_json():
    """exec --json says on standard error what kept the command from starting, and nothing else; the command's words stay its own."""
    for role, command, status in (
        ("nothing", "true", 1), ("readonly", "/no/such/program", 127), ("readonly", "/etc/passwd", 126)):
        result = subprocess.run(
            ["stsbroker", "exec", "--json", role, "--", command], capture_output=True, text=True, env=environment())
        error = json.loads(result.stderr)
        assert result.returncode == error.pop("exit_status") == status and not result.stdout, result
        [sentence] = error.values()
        assert "error" in error and (role if status == 1 else command) in sentence, result
    unreachable = json.loads(stsbroker("exec", "--json", "--socket", "/nowhere", "readonly", "--", "true", status=6))
    assert unreachable["exit_status"] == 6 and "/nowhere" in unreachable["error"], unreachable
    config = SCRATCH / "with-keys"
    config.write_text("[default]\naws_access_key_id = AKIAEXAMPLE\naws_secret_access_key = x\n")
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(config)}
    shell = ["readonly", "--", "sh", "-c", "echo out; echo error >&2; exit 5"]
    assert stsbroker("exec", "--json", *shell, status=5, **files) == "out\nerror\n"
    assert "Warning: " in stsbroker("exec", *shell, status=5, **files)


def failures_as_json():
    """Whatever fails of a verb with --json ends with one line of JSON on standard error, with the exit status; notes may stand before it."""
    nowhere = ["--socket", "/nowhere"]
    for words, status in (
        (["status", "--bogus"], 2), (["nothing"], 2), (["exec"], 2), (["request", "--duration", "long"], 2),
        (["status", *nowhere], 6), (["whoami", *nowhere], 6), (["credential-process", *nowhere], 6), (["login", *nowhere], 6),
        (["policies", *nowhere], 6), (["doctor", *nowhere, "--bogus"], 2), (["use", "nothing"], 1), (["cancel", "no"], 1),
        (["extend", "no"], 1), (["whois", "nobody"], 5), (["policies", "--broker", "http://127.0.0.1:9"], 6),
        (["audit", "verify", "/no/file"], 1), (["policy", "test", "/no/file"], 1), (["policy", "push", "/no/file"], 1),
        (["policy", "import", "--policies", "/no/file"], 1), (["policy", "import", "--policies", "/no/file", "--max-duration", "x"], 2),
        (["policy", "explain", "--policy", "x", "--user", "x", "--policies", "/no/file"], 1), (["access", "nothing", "--profile", "x"], 1),
    ):
        result = subprocess.run(
            ["stsbroker", *words, "--json"], capture_output=True, text=True, stdin=subprocess.DEVNULL, env=environment())
        assert result.returncode == status and not result.stdout, (words, result)
        error = json.loads(result.stderr.splitlines()[-1])
        assert error.pop("exit_status") == status and list(error) == ["error"] and error["error"], (words, result)
        assert not error["error"].startswith("Error: "), (words, result)


class Running:
    """A command under `exec` that waits, and what its environment says."""

    def __init__(self):
        show = "import json, os, sys; print(json.dumps(dict(os.environ)), flush=True); sys.stdin.read()"
        self.process = subprocess.Popen(
            ["stsbroker", "exec", "readonly", "--", sys.executable, "-c", show],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment())
        self.variables = json.loads(self.process.stdout.readline())
        self.file = pathlib.Path(self.variables["AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE"])
        self.token = self.file.read_text()

    def status(self, role="readonly"):
        address = self.variables["AWS_CONTAINER_CREDENTIALS_FULL_URI"].replace("/role/readonly", f"/role/{role}")
        try:
            request = urllib.request.Request(address, headers={"Authorization": self.token})
            with sandbox_control.OPENER.open(request) as answer:
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    def is_clean(self):
        """The token is in no argument, and its file is for its user only and gone within a quarter of a minute after its end."""
        assert self.token.encode() not in pathlib.Path(f"/proc/{self.process.pid}/cmdline").read_bytes()
        assert self.token not in self.variables.values()
        assert stat.S_IMODE(self.file.stat().st_mode) == 0o600


def tokens():
    """Good for the child and its role; not for another role, not after its end however that came, not after logout's revocation."""
    first, second, third = Running(), Running(), Running()
    for each in (first, second, third):
        each.is_clean()
        assert each.status() == 200 and each.status("developer") == 404
    first.process.communicate("")
    second.process.kill()
    second.process.wait()
    assert first.status() == 401 and second.status() == 401 and third.status() == 200
    until = time.monotonic() + 60
    while first.file.exists() or second.file.exists():
        assert time.monotonic() < until, "the files stay"
        time.sleep(0.2)
    assert third.file.exists()
    third.process.send_signal(signal.SIGINT)
    third.process.communicate()
    assert third.process.returncode == -signal.SIGINT and third.status() == 401


def credential_process():
    answer = json.loads(stsbroker("credential-process", "readonly"))
    assert answer["Version"] == 1 and answer["AccountId"] == "111122223333" and answer["Expiration"].endswith("Z"), answer
    assert stsbroker("credential-process", "admin", status=4).startswith("Approval is pending")
    stsbroker("credential-process", "nothing", status=1)


def identity(profile, files):
    """What boto3 and aws say of the profile, without the daemon's endpoints at hand."""
    variables = environment(**files)
    script = f"import boto3; print(boto3.Session(profile_name={profile!r}).client('sts').get_caller_identity()['Arn'])"
    ours = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, env=variables)
    aws = ["aws", "--profile", profile, "sts", "get-caller-identity", "--query", "Arn", "--output", "text"]
    theirs = subprocess.run(aws, capture_output=True, text=True, env=variables)
    assert ours.stdout == theirs.stdout, (ours, theirs)
    return ours.stdout


def profiles():
    """Both files keep what others wrote, byte for byte, and boto3 and aws use what was added."""
    config, credentials = SCRATCH / "config", SCRATCH / "credentials"
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(credentials)}
    config.write_bytes(FOREIGN)
    credentials.write_bytes(b"[other]\r\naws_access_key_id=AKIAOTHER\r\n")
    before = botocore.configloader.raw_config_parse(str(config))
    assert "without a profile" not in stsbroker("setup", "aws-config", **files)
    written = config.read_bytes()
    assert written.startswith(FOREIGN + b"\r\n") and b"credential_process" in written, written
    stsbroker("setup", "aws-config", **files)
    assert config.read_bytes() == written
    after = botocore.configloader.raw_config_parse(str(config))
    assert {name: after[name] for name in before} == before and "profile readonly" in after, after
    assert identity("readonly", files) == f"{READONLY}\n"
    clash = stsbroker("setup", "aws-config", "--prefix", "ol", status=1, **files | {"AWS_CONFIG_FILE": str(clashing())})
    assert "--prefix" in clash, clash
    for name in ("mine", "$(touch${IFS}harm)", ";id", "`id`"):
        said = stsbroker("access", "readonly", "--profile", name, **files)
        assert identity(name, files) == f"{READONLY}\n", name
        secret = botocore.configloader.raw_config_parse(str(credentials))[name]["aws_secret_access_key"]
        assert secret not in said and not pathlib.Path("harm").exists()
    text = credentials.read_bytes()
    assert text.startswith(b"[other]\r\naws_access_key_id=AKIAOTHER\r\n\r\n[mine]\r\n"), text
    assert stat.S_IMODE(credentials.stat().st_mode) == 0o600
    stsbroker("access", "readonly", "--profile", "a b", status=2, **files)
    assert credentials.read_bytes() == text
    assert "http://127.0.0.1" in stsbroker("access", "readonly", "--profile", "mine", "--console", DISPLAY="", WAYLAND_DISPLAY="", **files)
    opened(files)
    stsbroker("setup", "aws-config", "--remove", **files)
    assert config.read_bytes().rstrip(b"\r\n") == FOREIGN, config.read_bytes()


def left_out():
    """What the broker has for the user and the daemon doesn't is named; without the broker's list the profiles are written all the same."""
    config = SCRATCH / "part"
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(SCRATCH / "none")}
    with OwnDaemon(sandbox_addresses()["broker_url"], {"look": "readonly"}) as daemon:
        def setup(*arguments, **more):
            return stsbroker("setup", "aws-config", "--socket", str(daemon.control), *arguments, **files | more)

        assert "may have no profile. Nobody is signed in; run: stsbroker login" in setup()
        written = config.read_bytes()
        assert b"[profile look]" in written
        daemon.sign_in("developer")
        said = setup()
        assert "without a profile" in said and "stsbrokerd.yaml" in said, said
        answer = json.loads(setup("--json"))
        assert answer["profiles"] == ["look"] and sorted(answer["policies_without_profile"]) == ["admin", "developer"], answer
        assert "may have no profile. The broker can't be used now" in setup("--broker", "http://127.0.0.1:9")
        assert config.read_bytes() == written
        assert identity("look", files) == f"{READONLY}\n"
    with OwnDaemon(sandbox_addresses()["broker_url"], {name: name for name in ("readonly", "developer", "admin")}) as daemon:
        daemon.sign_in("developer")
        answer = json.loads(stsbroker("setup", "aws-config", "--json", "--socket", str(daemon.control), **files))
        assert answer["policies_without_profile"] == [] and len(answer["profiles"]) == 3, answer


def every_policy():
    """With "*" there is a role, and a profile, for each policy that the broker lists, and none that it doesn't."""
    config = SCRATCH / "every"
    files = {"AWS_CONFIG_FILE": str(config), "AWS_SHARED_CREDENTIALS_FILE": str(SCRATCH / "none")}
    with OwnDaemon(sandbox_addresses()["broker_url"], {"look": "readonly"}, offered=["*"]) as daemon:
        def stsbroker_there(*words, **more):
            return stsbroker(*words[:1], "--socket", str(daemon.control), *words[1:], **files | more)

        def setup():
            return json.loads(stsbroker("setup", "aws-config", "--json", "--socket", str(daemon.control), **files))

        daemon.sign_in("developer")
        answer = setup()
        assert answer["profiles"] == ["look", "admin", "developer"] and answer["policies_without_profile"] == [], answer
        assert identity("look", files) == f"{READONLY}\n"
        assert "assumed-role/stsbroker-developer/" in identity("developer", files)
        stsbroker_there("use", "developer")
        assert "developer" in stsbroker_there("status")
        for role in ("readonly", "auditor", "*"):
            assert "no such role" in stsbroker_there("use", role, status=1).lower(), role
        stsbroker_there("logout")
        # Without a sign-in nobody knows what the broker lists: what is there stays.
        written = config.read_bytes()
        assert "may have no profile" in stsbroker("setup", "aws-config", "--socket", str(daemon.control), **files)
        assert sorted(config.read_bytes().splitlines()) == sorted(written.splitlines()), config.read_bytes()


def opened(files):
    """The browser comes to the console by an address that is none of its secrets, and that leads there once."""
    folder, seen = SCRATCH / "browser", SCRATCH / "browser" / "seen"
    folder.mkdir()
    script = folder / "xdg-open"
    script.write_text(f"""#!{sys.executable}
import http.client, json, os, sys, urllib.parse
address = urllib.parse.urlsplit(sys.argv[1])
answers = []
for _ in range(2):
    try:
        connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
        connection.request("GET", address.path)
        answer = connection.getresponse()
        answers.append([answer.status, answer.getheader("Location")])
    except OSError as error:
        answers.append([0, None])
with open({str(seen) + ".new"!r}, "w") as file:
    json.dump([sys.argv[1:], answers], file)
os.rename({str(seen) + ".new"!r}, {str(seen)!r})
""")
    script.chmod(0o755)
    search = f"{folder}:{os.environ['PATH']}"
    said = stsbroker("access", "readonly", "--profile", "mine", "--console", DISPLAY=":0", PATH=search, **files)
    deadline = time.monotonic() + 60
    while not seen.exists():
        assert time.monotonic() < deadline
        time.sleep(0.05)
    arguments, answers = json.loads(seen.read_text())
    assert len(arguments) == 1 and arguments[0].startswith("http://127.0.0.1:") and "SigninToken" not in arguments[0], arguments
    assert answers[0][0] == 302 and "SigninToken" in answers[0][1], answers
    assert answers[1][0] != 302 and "SigninToken" not in said, (answers, said)


def clashing():
    file = SCRATCH / "clashing"
    roles = [role["name"] for role in json.loads(stsbroker("status", "--json"))["roles"]]
    file.write_text(f"[profile ol{roles[0]}]\n")
    return file


shells()
statuses()
tokens()
credential_process()
profiles()
left_out()
every_policy()
failures_as_json()
