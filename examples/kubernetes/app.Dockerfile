# The second form: Drydock inside the app's own image, so that both are always of one version.
# The app's image must have the same Python at the same place as Drydock's: any python:3.13-slim-trixie does.
FROM python:3.13-slim-trixie
COPY --from=ghcr.io/example/drydock:0.1-slim /opt/drydock /opt/drydock
COPY --from=ghcr.io/example/drydock:0.1-slim /var/lib/drydock /var/lib/drydock
WORKDIR /app
COPY . ./
CMD ["python", "-m", "http.server", "8080"]
