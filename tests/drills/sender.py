"""The worker's two jobs of campaigns, over and over at one moment, until it is killed: ``sender.py <database> <moment>``."""

import sys
import time
from datetime import datetime

from placket import messages
from placket.campaigns import jobs
from placket.tables import Database

REST_S = 0.05
"""Between two looks when nothing was sent: the real worker rests too, and the drill needs the core."""

if __name__ == "__main__":
    database, now = Database(sys.argv[1], pool_size=2), datetime.fromisoformat(sys.argv[2])
    while True:
        jobs.run(database, now=now)
        if not messages.send_waiting(database, now=now)["sent"]:
            time.sleep(REST_S)
