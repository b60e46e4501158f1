// Installs mockpos, starts it, waits until it answers, and tells the steps that follow where it is.
const { execFileSync, spawn } = require("node:child_process");
const fs = require("node:fs");
const path = require("node:path");
const { fail, input, tell } = require("./runner.js");

const home = path.join(process.env.RUNNER_TEMP, "mockpos");
const mockpos = path.join(home, "venv", "bin", "mockpos");
const log = path.join(home, "server.log");
const ready = path.join(home, "url.txt");

try {
  const audit = input("audit") || "warn";
  if (!["off", "warn", "error"].includes(audit)) fail(`audit: ${audit} is not one of off, warn, error`);
  fs.mkdirSync(home, { recursive: true });
  const source = input("version") || path.dirname(__dirname);
  const show = { stdio: ["ignore", "inherit", "inherit"] };
  execFileSync(input("python") || "python3", ["-m", "venv", path.join(home, "venv")], show);
  const pip = path.join(home, "venv", "bin", "pip");
  execFileSync(pip, ["install", "--quiet", "--disable-pip-version-check", source], show);

  const output = fs.openSync(log, "w");
  const options = (input("options") || "").split(/\s+/).filter(Boolean);
  const given = (name, variable) => {
    const last = options.findLastIndex((word) => word === name || word.startsWith(`${name}=`));
    if (last < 0) return process.env[variable];
    return options[last] === name ? options[last + 1] : options[last].slice(name.length + 1);
  };
  const port = given("--port", "MOCKPOS_PORT") ? [] : ["--port", "0"];
  const words = ["serve", "--memory", "--quiet", "--ready-file", ready, ...port, ...options];
  const server = spawn(mockpos, words, { detached: true, stdio: ["ignore", output, output] });
  let ended;
  server.on("exit", (status, signal) => (ended = signal || status));
  server.unref();
  tell("STATE", { pid: server.pid, audit, mockpos: path.join(home, "venv", "bin", "python"), log });

  const deadline = Date.now() + 60_000;
  const wait = () => {
    if (ended !== undefined) fail(`mockpos did not start (${ended}):\n${fs.readFileSync(log, "utf8")}`);
    if (!fs.existsSync(ready)) {
      if (Date.now() > deadline) fail(`mockpos did not answer in time:\n${fs.readFileSync(log, "utf8")}`);
      return setTimeout(wait, 50);
    }
    const url = fs.readFileSync(ready, "utf8").trim();
    const key = given("--api-key", "MOCKPOS_API_KEY") || "mockpos-dev-key";
    const token = given("--control-token", "MOCKPOS_CONTROL_TOKEN");
    if (token) console.log(`::add-mask::${token}`);
    const found = { MOCKPOS_URL: url, MOCKPOS_CONTROL_URL: `${url}/_mock`, MOCKPOS_API_KEY: key };
    tell("ENV", token ? { ...found, MOCKPOS_CONTROL_TOKEN: token } : found);
    tell("OUTPUT", { url });
    tell("STATE", { url });
    console.log(`mockpos answers at ${url}`);
  };
  wait();
} catch (error) {
  fail(error.message);
}
