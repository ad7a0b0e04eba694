'use strict';
// Runs the project's own Knex, from the project's own knexfile, on the database that Drydock names.
//
// `list` tells what the project's migrations are and connects to nothing. `apply` runs the named ones, each in a
// transaction of its own with its row where it allows one, all in one batch. `seed` runs the project's seeds.

const fs = require('fs');
const os = require('os');
const path = require('path');
const { connection, described, listenTo, order, seal, settle, tell, WITNESS } = require('./program.cjs');

const EXTENSIONS = ['js', 'mjs', 'coffee', 'ts', 'eg', 'ls'];
const POSTGRES = ['pg', 'postgres', 'postgresql', 'pgnative'];
const OURS = /^migration (file|failed)/;

// Ends the program with what keeps the project from being run at all.
function unfit(reason, facts) {
  tell('unfit', Object.assign({ reason }, facts));
  process.exit(1);
}

// As Knex's command line does: with a named knexfile the program moves to its directory, else it stays where it is.
function findKnexfile() {
  if (order.knexfile) {
    process.chdir(path.dirname(order.knexfile));
    return order.knexfile;
  }
  for (let folder = process.cwd(); ; folder = path.dirname(folder)) {
    const found = EXTENSIONS.map((extension) => path.join(folder, `knexfile.${extension}`)).find(fs.existsSync);
    if (found) return found;
    if (folder === path.dirname(folder)) return unfit('no-knexfile', {});
  }
}

function findKnex(folder) {
  try {
    return path.dirname(require.resolve('knex/package.json', { paths: [folder] }));
  } catch (error) {
    return unfit('no-knex', {});
  }
}

function requireNode(wanted) {
  const least = Number((/\d+/.exec(wanted || '') || [14])[0]);
  const found = Number(process.versions.node.split('.')[0]);
  if (found < Math.max(14, least)) unfit('old-node', { found: process.versions.node, wanted: wanted || '>=14' });
}

// TypeScript and its like: whatever loader the project has, as Knex's command line finds it.
function prepare(knex, knexfile, folder) {
  const from = { paths: [knex] };
  const { prepare: register } = require(require.resolve('rechoir', from));
  const { jsVariants } = require(require.resolve('interpret', from));
  const loaded = register(jsVariants, knexfile, folder, true);
  if (loaded instanceof Error) return loaded.failures.map((failed) => failed.moduleName);
  return [];
}

async function readConfig(knex, knexfile) {
  const importFile = require(path.join(knex, 'lib/migrations/util/import-file.js'));
  let exported = await importFile(knexfile);
  if (exported && exported.default) exported = exported.default;
  if (typeof exported === 'function') exported = await exported();
  const name = order.environment || process.env.NODE_ENV || 'development';
  const chosen = exported && exported[name] ? exported[name] : exported;
  const environments = exported && !exported.client ? Object.keys(exported) : [];
  if (!chosen || !(typeof chosen === 'string' || chosen.client)) unfit('no-client', { name, environments });
  const { client } = Object(chosen);
  if (typeof client === 'string' && !POSTGRES.includes(client)) unfit('other-database', { dialect: client });
  return typeof chosen === 'string' ? { client: 'pg', connection: chosen } : chosen;
}

// The knexfile's connection keeps only what is no address. TLS is as the address says; where it says nothing and the
// server speaks TLS, as the knexfile says.
function connectionOf(configured) {
  const given = typeof configured === 'string' ? { connectionString: configured } : Object(configured);
  const options = given.connectionString && /[?&]options=([^&]*)/.exec(given.connectionString);
  const kept = typeof configured === 'function' ? {} : Object.assign({}, given);
  const address = 'host port user password database connectionString socketPath stream ssl expirationChecker';
  address.split(' ').forEach((name) => delete kept[name]);
  if (options) kept.options = decodeURIComponent(options[1]);
  const { ssl, ssl_by_project: byProject } = connection;
  const tls = readCertificates(ssl && byProject && given.ssl ? given.ssl : ssl);
  return Object.assign(kept, connection.parameters, { ssl: tls });
}

function readCertificates(ssl) {
  if (!ssl || ssl === true) return ssl;
  const read = Object.assign({}, ssl);
  ['ca', 'cert', 'key'].forEach((name) => {
    const file = read[`${name}_file`];
    if (file) read[name] = fs.readFileSync(file.replace(/^~/, os.homedir()), 'utf8');
    delete read[`${name}_file`];
  });
  if (read.any_name) read.checkServerIdentity = () => undefined;
  delete read.any_name;
  return read;
}

function override(config) {
  const pool = Object.assign({}, config.pool, { min: 0 });
  const theirs = pool.afterCreate;
  pool.afterCreate = (client, done) => {
    listenTo(client);
    client.on('error', (error) => setTimeout(() => process.emit('uncaughtException', error), 500));
    if (!theirs) return settle(client, done);
    return theirs(client, (error) => (error ? done(error, client) : settle(client, done)));
  };
  const said = (message) => OURS.test(message) || console.warn(message);
  const log = Object.assign({}, config.log, { warn: said, error: said });
  const migrations = Object.assign({}, config.migrations);
  if (order.directory) Object.assign(migrations, { directory: order.directory, migrationSource: null });
  const ours = { asyncStackTraces: true, connection: connection ? connectionOf(config.connection) : {}, log };
  const merged = Object.assign({}, config, ours, { migrations, pool });
  delete merged.connectionPool;
  return merged;
}

async function open() {
  const knexfile = findKnexfile();
  const knex = findKnex(path.dirname(knexfile));
  requireNode((require(path.join(knex, 'package.json')).engines || {}).node);
  const loaders = prepare(knex, knexfile, process.cwd());
  let config;
  try {
    config = override(await readConfig(knex, knexfile));
  } catch (error) {
    return unfit('broken-knexfile', Object.assign(described(error, knexfile), { knexfile, loaders }));
  }
  try {
    require.resolve('pg', { paths: [knex, process.cwd()] });
    const instance = require(require.resolve('knex', { paths: [path.dirname(knexfile)] }))(config);
    if (instance.client.dialect !== 'postgresql') unfit('other-database', { dialect: String(instance.client.dialect) });
    return { instance, config, knexfile };
  } catch (error) {
    if (error.code === 'MODULE_NOT_FOUND') return unfit('no-driver', {});
    return unfit('broken-knexfile', Object.assign(described(error, knexfile), { knexfile, loaders }));
  }
}

async function list({ instance, config, knexfile }) {
  const { migrationSource: source, ...settings } = instance.migrate.config;
  let found;
  try {
    found = await source.getMigrations(settings.loadExtensions);
  } catch (error) {
    return unfit('no-directory', Object.assign(described(error, knexfile), { path: error.path || null }));
  }
  const isOfFiles = found.every((entry) => typeof entry.file === 'string' && typeof entry.directory === 'string');
  tell('project', {
    knexfile,
    table: settings.tableName,
    schema: settings.schemaName || null,
    search_path: [].concat(config.searchPath || []),
    validates: !settings.disableMigrationsListValidation,
    by_name: isOfFiles && !settings.sortDirsSeparately,
    migrations: found.map((entry) => ({
      name: source.getMigrationName(entry),
      file: isOfFiles ? path.resolve(entry.directory, entry.file) : null,
    })),
  });
}

let current = null;
let hasFailed = false;

function fail(error) {
  if (hasFailed) return;
  hasFailed = true;
  const about = described(error, current && current.file);
  const facts = { name: current && current.name, locked: about.kind === 'MigrationLocked' };
  tell('failed', Object.assign(about, facts));
  if (order.do === 'seed' && about.sqlstate) console.error(`The seed failed: ${about.sqlstate} ${about.message || ''}`);
}

// The project's source of migrations, holding only the one that is to run: Knex compares its list with the whole history
// each time. The migration tells when it begins.
function sourceOf(entry, { migrationSource: source, disableTransactions }) {
  return {
    getMigrations: async () => [entry],
    getMigrationName: (one) => source.getMigrationName(one),
    async getMigration(one) {
      const content = await source.getMigration(one);
      const own = content.config && content.config.transaction;
      // With transactions disabled for all, one that asks for its own still has its row outside of it.
      const transaction = !disableTransactions && own !== false;
      const up = (database) => {
        tell('begun', { name: source.getMigrationName(one), transaction });
        return content.up(database);
      };
      return { config: content.config, down: (database) => content.down(database), up };
    },
  };
}

// The entries of the named migrations. As with Knex, code that cannot be loaded keeps all of it from being run.
async function loadable(names, { migrationSource: source, loadExtensions }) {
  const listed = await source.getMigrations(loadExtensions);
  const entries = new Map(listed.map((entry) => [source.getMigrationName(entry), entry]));
  for (const name of names) {
    if (!entries.has(name)) return unfit('broken-migration', { name, kind: 'its file is gone' });
    let content;
    try {
      content = await source.getMigration(entries.get(name));
    } catch (error) {
      return unfit('broken-migration', Object.assign(described(error, entries.get(name).file), { name }));
    }
    if (typeof content.up !== 'function' || typeof content.down !== 'function') {
      return unfit('broken-migration', { name, kind: 'it must export both up and down' });
    }
  }
  return entries;
}

async function apply({ instance, knexfile }) {
  const { rows } = await instance.raw(WITNESS);
  if (rows[0].elsewhere) return unfit('elsewhere', { file: knexfile });
  const migrator = instance.migrate;
  const settings = migrator.config;
  const entries = await loadable(order.migrations, settings);
  const batch = order.kept.batch || (await instance.raw(order.next_batch)).rows[0].batch;
  tell('keep', { value: { batch } });
  // Each migration commits with its row, as `migrate:up` does it; one run is one batch, as with `migrate:latest`.
  migrator._latestBatchNumber = async () => batch - 1;
  for (const name of order.migrations) {
    if (isEnding) return undefined;
    const entry = entries.get(name);
    current = { name, file: entry.file };
    const migrationSource = sourceOf(entry, settings);
    await migrator.up({ name, migrationSource, disableMigrationsListValidation: true });
    tell('applied', { name });
  }
  return undefined;
}

async function seed({ instance }) {
  try {
    const [names] = await instance.seed.run();
    console.error(`${names.length} seed files were run.`);
  } catch (error) {
    throw Object(error).original || error;
  }
}

// Drydock cancels what runs on the server; here we only make sure that nothing new begins, and that we end.
let isEnding = false;
process.on('SIGTERM', () => {
  isEnding = true;
  setTimeout(() => process.exit(143), 1500);
});
process.on('uncaughtException', (error) => {
  fail(error);
  process.exit(1);
});

async function main() {
  const project = await open();
  if (order.sealed) seal();
  try {
    await { list, apply, seed }[order.do](project);
  } catch (error) {
    fail(error);
    process.exitCode = 1;
  }
  await project.instance.destroy();
  process.exit();
}

main().catch((error) => {
  fail(error);
  process.exit(1);
});
