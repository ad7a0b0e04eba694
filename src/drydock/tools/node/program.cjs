'use strict';
// What every program of ours shares that runs a migration tool of the project inside Node: reading the order, telling
// Drydock what happens, and keeping the project's code apart from both.
//
// The order is one JSON object on standard input, or, where nothing is told back, the only argument. What is told goes to
// standard output, one JSON object a line, behind a mark that holds a random word from the order; whatever the
// project's code prints goes to standard error.

const fs = require('fs');
const net = require('net');

const order = JSON.parse(process.argv[2] || fs.readFileSync(0, 'utf8'));

// The project's code shall neither reach our channel nor end us when nobody reads its output any more.
process.stdout.write = process.stderr.write.bind(process.stderr);
process.stderr.on('error', () => {});

// All of it, before anything else happens: what a stream holds back is lost when the process exits. Without a reader
// there is nobody left to work for.
function write(text) {
  for (let rest = Buffer.from(text); rest.length > 0; ) {
    try {
      rest = rest.subarray(fs.writeSync(1, rest));
    } catch (error) {
      if (error.code !== 'EAGAIN') process.exit(1);
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 2);
    }
  }
}

function tell(event, facts) {
  if (!order.nonce) return;
  write(`\n\u001edrydock ${order.nonce} ${JSON.stringify(Object.assign({ event }, facts))}\n`);
}

// The address was put into this variable for us alone.
const connection = JSON.parse(process.env.DRYDOCK_CONNECTION || 'null');
delete process.env.DRYDOCK_CONNECTION;

// node-postgres reports what the server said in an object whose message others then rewrite, SQL and values included.
const messages = new WeakMap();

let isLost = false;

function listenTo(client) {
  // Of a connection that ends as it should, as when the pool lets an idle one go, there is no error.
  client.on('error', () => { isLost = true; });
  if (client.connection && client.connection.on) {
    client.connection.on('errorMessage', (said) => messages.set(said, said.message));
  }
}

// Our own limits on a new session, and who it is: asked in the same round trip.
function settle(client, done) {
  const { lock_timeout: lock, statement_timeout: statement, idle_timeout: idle } = order.limits;
  const set = (name, value) => `pg_catalog.set_config('${name}', '${value}', false)`;
  const limits = [
    set('lock_timeout', lock),
    set('statement_timeout', statement),
    set('idle_in_transaction_session_timeout', idle),
    set('application_name', 'drydock'),
  ];
  const start = '(SELECT backend_start::text FROM pg_catalog.pg_stat_activity WHERE pid = pg_catalog.pg_backend_pid())';
  client.query(`SELECT ${limits.join(', ')}, pg_catalog.pg_backend_pid() AS pid, ${start} AS start`, (error, answer) => {
    if (!error) tell('session', { pid: String(answer.rows[0].pid), start: answer.rows[0].start });
    done(error, client);
  });
}

// Drydock holds this lock on the database that we were sent to, so only there it cannot be had.
const WITNESS = `SELECT pg_catalog.pg_try_advisory_lock_shared(${order.witness}) AS elsewhere`;

// What is told of an error: class and names, never what may quote a row. The project's own errors go to the log whole.
function described(error, file) {
  const about = Object(error);
  const ofServer = typeof about.severity === 'string' && /^[0-9A-Z]{5}$/.test(about.code);
  if (!ofServer) console.error(`\n${about.stack || String(error)}`);
  return {
    kind: about.name === 'Error' && about.code ? String(about.code) : String(about.name || typeof error),
    sqlstate: ofServer ? about.code : null,
    message: ofServer ? messages.get(error) || null : null,
    by_script: ofServer && (about.routine === 'exec_stmt_raise' || /EXECUTE/.test(about.where || '')),
    names: ['schema', 'table', 'column', 'constraint', 'dataType'].map((name) => about[name] || null),
    line: lineIn(about.stack, file),
    lost: isLost,
  };
}

function lineIn(stack, file) {
  const behind = file ? String(stack).split(file).slice(1) : [];
  const found = behind.map((text) => /^:(\d+)/.exec(text)).find(Boolean);
  return found ? Number(found[1]) : null;
}

// On a copy nothing else may be reached: neither the target by an address of the project's own, nor anything outside.
function seal() {
  const connect = net.Socket.prototype.connect;
  const { host, port } = connection ? connection.parameters : {};
  net.Socket.prototype.connect = function (...given) {
    const options = destination(given);
    const wanted = String(options.path || `${options.host || 'localhost'}:${options.port}`);
    if (host && [`${host}/.s.PGSQL.${port}`, `${host}:${port}`].includes(wanted)) return connect.apply(this, given);
    tell('reached', { where: wanted });
    return this.destroy(new Error('Drydock keeps a rehearsal from reaching anything but its copy'));
  };
}

function destination([first, second]) {
  const given = Array.isArray(first) ? first[0] : first;
  if (given !== null && typeof given === 'object') return given;
  return isNaN(Number(given)) ? { path: given } : { port: given, host: typeof second === 'string' ? second : undefined };
}

module.exports = { connection, described, listenTo, order, seal, settle, tell, WITNESS };
