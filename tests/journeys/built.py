"""The estate, built once a run: the first process that needs it builds it in its own database, the others copy that."""

import pickle
import shutil
import sqlite3
from contextlib import closing

from django.conf import settings
from django.db import connection, transaction
from django.test import TestCase

from tests import restoring, template
from tests.api.caller import frozen
from tests.environment import ROOT
from tests.journeys import estate
from tests.journeys.estate import Estate

FOLDER = ROOT / "estate"
REGISTER, TOLD, EVIDENCE = FOLDER / "register.sqlite3", FOLDER / "told.pickle", FOLDER / "evidence"


def lay_down() -> Estate:
    """Let the test database, which must be empty, and the stored files be the estate's; return the estate.

    It is for whoever calls this to restore the database, as after any transactional test.
    """
    if connection.vendor != "sqlite":
        return _built()
    with template.made("estate") as is_made:
        if not is_made:
            _keep(_built())
    restoring.copy_sqlite(REGISTER, connection)
    shutil.copytree(EVIDENCE, settings.EVIDENCE_DIR, dirs_exist_ok=True)
    found: Estate = pickle.loads(TOLD.read_bytes())
    return found


class OnTheEstate(TestCase):
    """Tests on the estate at the moment at which it was told to its end; each takes back what it did."""

    estate: Estate
    _laid_down: Estate

    @classmethod
    def setUpClass(cls) -> None:
        """Lay it down before the transaction of all tests begins."""
        cls._laid_down = lay_down()
        cls.addClassCleanup(restoring.restore, connection)
        super().setUpClass()

    @classmethod
    def setUpTestData(cls) -> None:
        cls.estate = cls._laid_down

    def setUp(self) -> None:
        clock = frozen(estate.NOW)
        clock.start()
        self.addCleanup(clock.stop)


def _built() -> Estate:
    with frozen(estate.NOW), transaction.atomic():
        return estate.build()


def _keep(found: Estate) -> None:
    FOLDER.mkdir(exist_ok=True)
    with closing(sqlite3.connect(REGISTER)) as kept:
        connection.connection.backup(kept)
    shutil.copytree(settings.EVIDENCE_DIR, EVIDENCE, dirs_exist_ok=True)
    TOLD.write_bytes(pickle.dumps(found))
