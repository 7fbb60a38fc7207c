"""What one client of the matrix is to do: a tool on a face, against one bucket of the stand-in for S3 and STS."""

import dataclasses
import json
import os

VARIABLE = "SDK_MATRIX_TASK"
REGION = "us-east-1"
OBJECT = "pixel.pgm"


@dataclasses.dataclass(frozen=True)
class Task:
    tool: str
    face: str
    endpoint: str
    bucket: str
    scratch: str
    imds: str
    container: str
    token_file: str

    @classmethod
    def from_environment(cls):
        return cls(**json.loads(os.environ[VARIABLE]))

    @property
    def address(self):
        """The endpoint without its scheme, for clients that take the two apart."""
        return self.endpoint.removeprefix("http://")

    def token(self):
        with open(self.token_file) as file:
            return file.read()

    def token_variable(self):
        """For tools that know the token itself but not its file."""
        return {"AWS_CONTAINER_AUTHORIZATION_TOKEN": self.token()} if self.face == "container" else {}

    def environment(self):
        """A clean environment in which the task's face is the only source of credentials."""
        return {
            **{name: os.environ[name] for name in ["PATH", "LANG", "TZ"] if name in os.environ},
            "HOME": self.scratch,
            "TMPDIR": self.scratch,
            "PYTHONDONTWRITEBYTECODE": "1",
            "NO_PROXY": "127.0.0.1",
            "no_proxy": "127.0.0.1",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_CONFIG_FILE": "/dev/null",
            "AWS_SHARED_CREDENTIALS_FILE": "/dev/null",
            VARIABLE: json.dumps(dataclasses.asdict(self)),
            **self._face_variables(),
        }

    def _face_variables(self):
        if self.face == "imds":
            return {"AWS_EC2_METADATA_SERVICE_ENDPOINT": self.imds}
        return {
            # So that none looks for it outside of this machine.
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONTAINER_CREDENTIALS_FULL_URI": self.container,
            "AWS_CONTAINER_AUTHORIZATION_TOKEN_FILE": self.token_file,
        }
