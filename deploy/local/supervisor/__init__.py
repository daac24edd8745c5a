"""Keeps everything of `huiyin up` running: our own processes, and the embedded Postgres and Kafka.

Whatever dies is started again, with pauses that grow to half a minute; what keeps dying makes the state `degraded`.
`DATA/state.json` says how it stands. Nothing outlives the supervisor, even when it is
killed.
"""

from deploy.local.supervisor.detach import bring_down, start_detached
from deploy.local.supervisor.fork_server import ForkServer
from deploy.local.supervisor.restarts import RestartPolicy
from deploy.local.supervisor.spec import EventKind, ProcessSpec, Server, SupervisorEvent, start_together
from deploy.local.supervisor.state import ProcessState, State, Status, read_state
from deploy.local.supervisor.supervisor import Supervisor, announce

__all__ = [
    "EventKind",
    "ForkServer",
    "ProcessSpec",
    "ProcessState",
    "RestartPolicy",
    "Server",
    "State",
    "Status",
    "Supervisor",
    "SupervisorEvent",
    "announce",
    "bring_down",
    "read_state",
    "start_detached",
    "start_together",
]
