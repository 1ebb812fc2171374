"""Make Superset's own database, its user and the dashboard; runs in Superset's environment.

One process for all of Superset's own commands, since each takes ten seconds to start.
"""

import os
from pathlib import Path

from flask.cli import ScriptInfo
from superset.app import create_app
from superset.cli.main import superset


def _prepare() -> None:
    home, user = Path(os.environ["SUPERSET_HOME"]), os.environ["TANDEM_SUPERSET_USER"]
    password = (home / "password").read_text()
    app = create_app()

    def command(*arguments: str) -> None:
        superset.main(args=arguments, obj=ScriptInfo(create_app=lambda: app), standalone_mode=False)

    command("db", "upgrade")
    command("init")
    with app.app_context():
        exists = app.appbuilder.sm.find_user(username=user) is not None
    if exists:
        command("fab", "reset-password", "--username", user, "--password", password)
    else:
        command(
            "fab",
            "create-admin",
            "--username",
            user,
            "--firstname",
            "Tandem",
            "--lastname",
            user,
            "--email",
            f"{user}@localhost",
            "--password",
            password,
        )
    command("import-dashboards", "--path", str(home / "dashboard.zip"), "--username", user)


if __name__ == "__main__":
    _prepare()
