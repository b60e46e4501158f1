"""The HTTP server room: runs a WSGI app on gunicorn's asgi worker, in one process and on one event loop.

It knows sockets, HTTP and waiting. It knows nothing of listings, holds, contracts or Flask: what
to run, how an error looks and what to do at the start and the end are handed to it.
"""
