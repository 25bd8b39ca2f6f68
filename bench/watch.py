"""What watching costs, in SQLite and in PostgreSQL, at 1000, 100,000 and 1,000,000 machines (make bench-watch; docs/SCALE.md)."""
import json
import os
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, os.path.join(HERE, "..", "tests", "serve"))
import postgres  # noqa: E402

WATCH = os.path.join(HERE, "..", "build", "bench", "watch")
SIZES = [int(word) for word in sys.argv[1:]] or [1000, 100000, 1000000]
MOST = 100000  # of PostgreSQL, where a million take ten minutes to begin
OBSERVATIONS = 50000


def row(kind, where, machines):
    done = subprocess.run([WATCH, where, str(machines), str(OBSERVATIONS)], stdout=subprocess.PIPE, check=True,
                          stderr=subprocess.DEVNULL)
    said = json.loads(done.stdout)
    print(f"{kind:11s}{machines:>9d}{said['a_second']:>9.0f}/s{said['us']:>9.1f} us{said['own_cpu_us']:>9.1f} us"
          f"{said['continuity_us']:>8.2f} us{said['begin_us']:>9.1f} us{said['bytes_a_machine']:>7d}", flush=True)


print("database    machines  observations   each   of it CPU here  continuity    begin  bytes a machine")
for size in SIZES:
    with tempfile.TemporaryDirectory(prefix="situs-", dir="/var/tmp") as folder:
        row("sqlite", f"sqlite:{folder}/store", size)
if not postgres.FOUND:
    print("skipped: no PostgreSQL")
    sys.exit(0)
server = postgres.Postgres()
try:
    for size in (size for size in SIZES if size <= MOST):
        row("postgresql", server.database(f"n{size}"), size)
finally:
    server.stop()
