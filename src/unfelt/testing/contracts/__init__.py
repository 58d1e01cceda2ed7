"""What holds of every part that is registered: run over ours by unfelt's tests, and over yours by your own.

`faults()` looks at what is installed. The others drive one part for real, and each says what does not hold:

- `router_faults("maple", directory=tmp_path)`: in front of two services of its own;
- `source_faults("access_log", "maple", directory=tmp_path)`: over a log in that form;
- `channel_faults("pager", Addresses(good=…, bad=…))`: to a server of its own;
- `probe_faults("ldap", Targets(…))`: at services of its own;
- `engine_faults("orchard")`: everything that it registers.

Each is a list of sentences, empty where all holds: `assert router_faults(…) == []`.
"""

from unfelt.testing.contracts.channels import Addresses, channel_faults
from unfelt.testing.contracts.engines import engine_faults
from unfelt.testing.contracts.probes import Targets, probe_faults
from unfelt.testing.contracts.routers import router_faults
from unfelt.testing.contracts.sources import source_faults
from unfelt.testing.contracts.structure import faults

__all__ = [
    "Addresses",
    "Targets",
    "channel_faults",
    "engine_faults",
    "faults",
    "probe_faults",
    "router_faults",
    "source_faults",
]
