// When the job is over: adds audit, coverage and the slowest calls to its summary, and stops mockpos.
const { spawnSync } = require("node:child_process");
const { fail } = require("./runner.js");

const { STATE_pid: pid, STATE_url: url, STATE_mockpos: python, STATE_audit: audit } = process.env;
if (pid) {
  let status = 0;
  if (url) {
    const words = ["-m", "mockpos.testing.summary", "--audit", audit, url];
    status = spawnSync(python, words, { stdio: ["ignore", "inherit", "inherit"] }).status;
  }
  try {
    process.kill(Number(pid), "SIGTERM");
  } catch {
    if (url) fail("mockpos ended before the job was over"); // else its start has said why
  }
  if (status) fail(status === 3 ? "the job left something behind, see its summary" : "mockpos could not be asked");
}
