# The Rasa server with the trained bot in it. Of ours it holds the policy and the tokenizer, which import nothing else.
FROM python:3.10-slim-bookworm AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /venv
COPY requirements/bot.txt /tmp/bot.txt
RUN /venv/bin/pip install --require-hashes -r /tmp/bot.txt
WORKDIR /bot
COPY rasa_handoff/__init__.py rasa_handoff/policy.py rasa_handoff/tokenizer.py ./rasa_handoff/
COPY config.yml domain.yml ./
COPY data ./data
RUN RASA_TELEMETRY_ENABLED=false /venv/bin/rasa train --fixed-model-name bot --out models

FROM python:3.10-slim-bookworm
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin rasa && install -d -o rasa -g rasa /bot /bot/cache
COPY --from=build /venv /venv
COPY --from=build /bot /bot
WORKDIR /bot
COPY credentials.yml deploy/endpoints.yml ./
ENV PATH=/venv/bin:$PATH PYTHONPATH=/bot PYTHONUNBUFFERED=1 RASA_TELEMETRY_ENABLED=false \
    MPLCONFIGDIR=/bot/cache NUMBA_CACHE_DIR=/bot/cache
USER 10001
EXPOSE 5005
HEALTHCHECK --interval=10s --timeout=5s --start-period=120s --retries=12 \
    CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:5005/', timeout=4)"]
CMD ["rasa", "run", "--enable-api", "--model", "models/bot.tar.gz", "--endpoints", "endpoints.yml", "--credentials", "credentials.yml"]
