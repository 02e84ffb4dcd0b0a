# Two stages: the first has pip and the sources, the second only what runs. Every package is a wheel
# with a locked hash, so neither stage needs a compiler.
ARG PYTHON=3.11

FROM python:${PYTHON}-slim AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /source

RUN python -m venv /opt/build && python -m venv --without-pip /opt/greenlight

# Before the sources, so that a change of ours does not fetch the packages again.
COPY requirements/run.txt requirements/
RUN /opt/build/bin/pip install --require-hashes --no-deps --only-binary :all: -r requirements/run.txt \
 && /opt/build/bin/pip --python /opt/greenlight/bin/python install \
      --require-hashes --no-deps --only-binary :all: -r requirements/run.txt

COPY pyproject.toml README.md LICENSE manifest.yaml ./
COPY bot bot
COPY handlers handlers
COPY sandbox sandbox
RUN /opt/build/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/build/bin/pip --python /opt/greenlight/bin/python install --no-deps /wheels/*.whl

FROM python:${PYTHON}-slim
RUN groupadd --system --gid 10001 greenlight \
 && useradd --system --uid 10001 --gid greenlight --no-create-home --home-dir /data greenlight \
 && install --directory --owner=greenlight --group=greenlight --mode=0700 /data
COPY --from=build /opt/greenlight /opt/greenlight

ENV PATH=/opt/greenlight/bin:$PATH \
    GREENLIGHT_LISTEN=0.0.0.0:3000 \
    GREENLIGHT_DATABASE_URL=sqlite:////data/greenlight.sqlite3
WORKDIR /data
VOLUME /data
USER 10001:10001
EXPOSE 3000

# Without a proxy, whatever HTTP_PROXY says: it asks this container only.
HEALTHCHECK --interval=30s --timeout=5s --start-period=20s --retries=3 \
  CMD ["python", "-c", "import os; from urllib.request import ProxyHandler, build_opener; port = os.environ['GREENLIGHT_LISTEN'].rpartition(':')[2]; build_opener(ProxyHandler({})).open(f'http://127.0.0.1:{port}/healthz', timeout=3)"]

ENTRYPOINT ["greenlight"]
CMD ["serve"]
