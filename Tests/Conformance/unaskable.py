"""What SDKs and safety need as well, and no client of an arbitrary endpoint can judge."""

from endpoint import Skipped


def unaskable(text, reason):
    def case(_):
        raise Skipped(reason)

    case.__doc__ = text
    return case


SOURCE = "the suite has no hand on the source of credentials"
USER = "the suite is one user"
PLACE = "the suite is in one place"
INSIDE = "not seen from outside"
ELSEWHERE = "not asked of this endpoint"
HARM = "the endpoint's limits are not known, and reaching them harms its users"

IMDS_CASES = [
    unaskable("A source that refuses for good is 200 with the code AssumeRoleUnauthorizedAccess", SOURCE),
    unaskable("A token of another uid is 401", USER),
    unaskable("A flood of tokens costs no memory", INSIDE),
    unaskable("Each 404 is logged with its path", INSIDE),
]
CONTAINER_CASES = [
    unaskable("Too many requests are 429 with Retry-After, code and message", HARM),
    unaskable("The token in the file can change at any time", "the suite does not make tokens"),
]
CASES = [
    unaskable("Without valid credentials it is 503 with Retry-After, never 200 with empty or expired keys", SOURCE),
    unaskable("While credentials are refreshed, those that are held are served, without a wait", SOURCE),
    unaskable("No unexpired credentials are held back by 5xx when the source fails", SOURCE),
    unaskable("After a restart the endpoint is there again at once", "the suite does not restart anything"),
    unaskable("Another local user is refused, also over loopback", USER),
    unaskable("A neighbour on the network is refused, and answers travel one hop", PLACE),
    unaskable("A container or virtual machine without a rule is refused", PLACE),
    unaskable("Tokens are random, and compared in constant time", INSIDE),
    unaskable("One user can't use up the connections", HARM),
    unaskable("Nobody else stops the server or switches its role", ELSEWHERE),
    unaskable("No secret is in a log", INSIDE),
    unaskable("State files and sockets are opened without following links, and checked", INSIDE),
    unaskable("What prepares an environment advertises 127.0.0.1, sets NO_PROXY, hands out the token file and unsets keys", ELSEWHERE),
    unaskable("Keys in a profile that outrank the endpoint are pointed out", ELSEWHERE),
]
