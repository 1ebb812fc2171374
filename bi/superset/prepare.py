"""Make Superset's own database, its user and the dashboard; runs in Superset's environment.

One process for all of it, since each of Superset's own commands takes ten seconds to start.
"""

import os
from pathlib import Path
from zipfile import ZipFile

from flask import Flask
from flask.cli import ScriptInfo
from superset.app import create_app


def _prepare() -> None:
    home, user = Path(os.environ["SUPERSET_HOME"]), os.environ["TANDEM_SUPERSET_USER"]
    app = create_app()
    _command(app, "db", "upgrade")
    _command(app, "init")
    _let_in(app, user, (home / "password").read_text())
    _import(app, user, home / "dashboard.zip")


# Superset's parts can be imported only where there is an application.
def _command(app: Flask, *arguments: str) -> None:
    from superset.cli.main import superset  # noqa: PLC0415

    superset.main(args=arguments, obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)


def _let_in(app: Flask, user: str, password: str) -> None:
    with app.app_context():
        from superset import security_manager  # noqa: PLC0415

        is_known = security_manager.find_user(username=user) is not None
    if is_known:
        _command(app, "fab", "reset-password", "--username", user, "--password", password)
        return
    names = ("--firstname", "Tandem", "--lastname", user, "--email", f"{user}@localhost")
    _command(app, "fab", "create-admin", "--username", user, *names, "--password", password)


def _import(app: Flask, user: str, packed: Path) -> None:
    """Import the dashboard's files over what was imported before.

    Superset's import of a dashboard leaves data sets and connections that are there as they are;
    that of assets overwrites them, and takes the same files.
    """
    with app.app_context():
        from superset import security_manager  # noqa: PLC0415
        from superset.commands.importers.v1.assets import ImportAssetsCommand  # noqa: PLC0415
        from superset.commands.importers.v1.utils import get_contents_from_bundle  # noqa: PLC0415
        from superset.utils.core import override_user  # noqa: PLC0415

        with ZipFile(packed) as bundle:
            contents = get_contents_from_bundle(bundle)
        contents["metadata.yaml"] = contents["metadata.yaml"].replace("Dashboard", "assets")
        with override_user(security_manager.find_user(username=user)):
            ImportAssetsCommand(contents).run()


if __name__ == "__main__":
    _prepare()
