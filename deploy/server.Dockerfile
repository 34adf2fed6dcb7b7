# The action server, the desk and the courier: one image, several commands.
FROM python:3.11-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/server.txt /tmp/server.txt
RUN /venv/bin/pip install --require-hashes -r /tmp/server.txt
COPY pyproject.toml README.md LICENSE /src/
COPY rasa_handoff /src/rasa_handoff
RUN pip install hatchling && pip wheel --no-deps --no-build-isolation --wheel-dir /tmp/wheels /src \
    && /venv/bin/pip install --no-deps /tmp/wheels/*.whl

FROM python:3.11-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin handoff \
    && install -d -o handoff -g handoff /app /app/state
COPY --from=build /venv /venv
WORKDIR /app
COPY actions ./actions
COPY kb ./kb
COPY handoff.yml ./
ENV PATH=/venv/bin:$PATH PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1 SHOP_DATABASE=/app/state/shop.sqlite
USER 10001
EXPOSE 5055 5080
# The desk, unless compose.yaml says otherwise; 0.0.0.0 because a container has an address of its own.
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=6 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5080/healthz', timeout=4)"]
CMD ["rasa-handoff", "desk", "--host", "0.0.0.0", "--port", "5080"]
