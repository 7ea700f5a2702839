# Two stages: the first resolves nothing and installs what requirements.lock pins by hash, the second carries only the result.
#
# The base image is named by tag: a digest has to be read from a registry, and one written from memory would be a lie.
# Where an engine and a registry are at hand, read it and put it behind the tag in both FROM lines (docs/container.md):
#   docker buildx imagetools inspect python:3.11-slim-bookworm --format '{{.Manifest.Digest}}'

FROM python:3.11-slim-bookworm AS build
ENV UV_COMPILE_BYTECODE=1 \
    UV_LINK_MODE=copy \
    UV_NO_CACHE=1 \
    UV_PYTHON_PREFERENCE=only-system \
    VIRTUAL_ENV=/opt/traceability
WORKDIR /build
COPY requirements-uv.lock requirements.lock ./
RUN pip install --no-cache-dir --root-user-action=ignore --require-hashes -r requirements-uv.lock
RUN uv venv "$VIRTUAL_ENV" \
    && uv pip sync --require-hashes requirements.lock
COPY pyproject.toml README.md LICENSE ./
COPY traceability ./traceability
# Built with the setuptools of the lock, so nothing unpinned is fetched.
RUN uv pip install --no-deps --no-build-isolation .

FROM python:3.11-slim-bookworm
ENV PATH=/opt/traceability/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    TRACEABILITY_DATABASE_URL=sqlite:////var/lib/traceability/traceability.db \
    TRACEABILITY_STATE_DIR=/var/lib/traceability \
    TRACEABILITY_SEED_DIR=/usr/share/traceability/seed \
    TRACEABILITY_HOST=0.0.0.0
# Created here with its owner, so that a fresh volume takes the owner over.
RUN install --directory --owner=10001 --group=10001 --mode=0700 /var/lib/traceability
COPY --from=build /opt/traceability /opt/traceability
COPY seed /usr/share/traceability/seed
WORKDIR /var/lib/traceability
USER 10001:10001
VOLUME /var/lib/traceability
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --retries=3 CMD ["traceability", "health"]
ENTRYPOINT ["traceability"]
CMD ["serve"]
