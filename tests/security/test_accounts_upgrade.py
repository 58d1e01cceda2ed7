"""Records of a version before keep their members, and nobody of them is locked out or let in by the upgrade."""

import subprocess
import sys
from pathlib import Path

BEFORE = """
import sys
from unfelt.conf.database import connect
connect(sys.argv[1], migrate=False)
from django.core.management import call_command
call_command("migrate", "records", "0010", verbosity=0, interactive=False)
from django.db import connection
with connection.cursor() as cursor:
    cursor.execute(
        "INSERT INTO records_member"
        " (name, title, email, roles, is_active, generation, language, joined_at, password) "
        "VALUES ('lin', '', 'lin@shop.example', '[\\"owner\\"]', true, 3, '', '2026-01-01 00:00:00', 'kept')"
    )
"""
AFTER = """
import sys
from unfelt.conf.database import connect
connect(sys.argv[1])
from unfelt.records.models import Member
found = Member.objects.get(name="lin")
print(found.password, found.roles, found.generation, found.failed, found.recovered_at, found.code_step)
"""


def test_members_are_kept_by_the_upgrade(tmp_path: Path):
    """Password, roles and generation as they were; nothing failed, no code was used."""
    url = f"sqlite:///{tmp_path / 'records.db'}"
    subprocess.run([sys.executable, "-c", BEFORE, url], check=True)
    said = subprocess.run([sys.executable, "-c", AFTER, url], check=True, capture_output=True, text=True).stdout
    assert said.strip() == "kept ['owner'] 3 0 None 0"
