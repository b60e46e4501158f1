# mockpos in a container. State lies in /data, nothing else is written: the root may be read-only.
#
#   docker build -t mockpos . && docker run --read-only -v mockpos:/data -p 8000:8000 mockpos
#   docker run --read-only mockpos serve --host 0.0.0.0 --memory

ARG PYTHON=3.13
FROM python:${PYTHON}-slim AS build
COPY . /source
RUN pip install --no-cache-dir build && python -m build --wheel --outdir /wheels /source \
    && pip download --no-cache-dir --only-binary=:all: --dest /wheels /wheels/mockpos-*.whl

FROM python:${PYTHON}-slim
LABEL org.opencontainers.image.title="mockpos" \
      org.opencontainers.image.description="A mock automator with a simulated ticket-broker POS" \
      org.opencontainers.image.documentation="http://localhost:8000/docs/tests"
RUN --mount=type=bind,from=build,source=/wheels,target=/wheels \
    pip install --no-cache-dir --no-index --find-links /wheels mockpos \
    && useradd --uid 10001 --user-group --no-create-home --home-dir /data mockpos \
    && install -d -o mockpos -g mockpos /data
ENV PYTHONDONTWRITEBYTECODE=1 MOCKPOS_HOST=0.0.0.0
USER 10001
WORKDIR /data
VOLUME /data
EXPOSE 8000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=5s --start-period=10s --retries=3 CMD ["mockpos", "ready", "--quiet"]
ENTRYPOINT ["mockpos"]
CMD ["serve"]
