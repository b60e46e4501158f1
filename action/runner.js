// What the runner of GitHub Actions and an action say to each other: variables and files that it names.
const fs = require("node:fs");

exports.input = (name) => (process.env[`INPUT_${name.toUpperCase()}`] || "").trim();

exports.tell = (kind, values) => {
  const lines = Object.entries(values).map(([name, value]) => `${name}=${value}\n`);
  fs.appendFileSync(process.env[`GITHUB_${kind}`], lines.join(""));
};

exports.fail = (message) => {
  console.log(`::error title=mockpos::${String(message).replaceAll("%", "%25").replaceAll("\r", "%0D").replaceAll("\n", "%0A")}`);
  process.exit(1);
};
