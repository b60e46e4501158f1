"""The WSGI application: ``flask run``, ``gunicorn app:app``, or ``python app.py``. Settings come from MOCKPOS_*."""

from mockpos.web.app import create_app

if __name__ == "__main__":
    from mockpos.cli import main

    main(["serve"])
else:
    app = create_app()
