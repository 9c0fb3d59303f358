// Starts `conductor lsp` and lets it answer; everything it knows, it knows from there.
const { workspace } = require("vscode");
const { LanguageClient } = require("vscode-languageclient/node");

let client;

function activate() {
  const [command, ...args] = workspace.getConfiguration("conductor").get("command");
  const watcher = workspace.createFileSystemWatcher("**/{*.cdx,conductor.toml,messages/*}");
  client = new LanguageClient(
    "conductor",
    "Conductor",
    { command, args },
    { documentSelector: [{ language: "cdx" }], synchronize: { fileEvents: watcher } },
  );
  return client.start();
}

function deactivate() {
  return client?.stop();
}

module.exports = { activate, deactivate };
