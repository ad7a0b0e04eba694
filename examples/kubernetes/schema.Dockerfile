# The first form: an image of the migrations alone, which an init container or a Job runs.
# Migrations can as well come out of the app's image: COPY --from=registry.example/shop:1.4.2 /app/prisma ./prisma
FROM ghcr.io/example/drydock:0.1-slim
WORKDIR /project
COPY drydock.yml ./
COPY migrations ./migrations
