// Run once in Thunderbird's main window, with the program's own rights: `window.desk` holds what a
// person does there. This part: accounts, dialogs, waiting.
// A window's own timers stand still while a dialog of it is open.
const { setTimeout, clearTimeout } = ChromeUtils.importESModule(
  "resource://gre/modules/Timer.sys.mjs"
);
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const { DNS } = ChromeUtils.importESModule("resource:///modules/DNS.sys.mjs");

const desk = (window.desk = {});
DNS.mx = async () => []; // no name server is asked for the mail domain

/** A window as large as the screen. */
desk.full = opened => {
  opened.moveTo(0, 0);
  opened.resizeTo(opened.screen.width, opened.screen.height);
};
desk.full(window);

desk.sleep = milliseconds => new Promise(done => setTimeout(done, milliseconds));

/** Wait until `look` gives something; fails after so many seconds. */
desk.see = async (what, look, seconds = 30) => {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    const found = await look();
    if (found) {
      return found;
    }
    if (Date.now() > end) {
      throw new Error(`${what}: not within ${seconds} s`);
    }
    await desk.sleep(50);
  }
};

// No window manager runs: a line stands for the frame that it would draw around a dialog.
Services.ww.registerNotification({
  observe(opened, topic) {
    if (topic == "domwindowopened") {
      const frame = () => {
        const style = opened.document.documentElement.style;
        style.outline = "1px solid #707070";
        style.outlineOffset = "-1px";
      };
      opened.addEventListener("load", frame, { once: true });
    }
  },
});

/** An open window by the end of its document's name. */
desk.window = name =>
  desk.see(name, () =>
    [...Services.wm.getEnumerator(null)].find(one => one.location.href.endsWith(name))
  );

/** What a dialog says, if it is open. */
desk.textOf = name => {
  const found = [...Services.wm.getEnumerator(null)].find(one => one.location.href.endsWith(name));
  return found?.document.documentElement.textContent.replace(/\s+/g, " ").trim();
};

desk.cancel = async name =>
  (await desk.window(name)).document.querySelector("dialog").cancelDialog();

/** The IMAP accounts' hosts. */
desk.accounts = () =>
  MailServices.accounts.allServers.filter(one => one.type == "imap").map(one => one.hostName);

desk.server = () => {
  const found = MailServices.accounts.allServers.find(one => one.type == "imap");
  if (!found) {
    throw new Error("there is no IMAP account");
  }
  return found;
};

/** Import an authority (PEM), as Settings -> Certificates does, for servers alone. */
desk.trust = pem => {
  const known = Cc["@mozilla.org/security/x509certdb;1"].getService(Ci.nsIX509CertDB);
  known.addCertFromBase64(pem.replace(/-----[^-]+-----/g, "").replace(/\s/g, ""), "CTu,,");
};

/** What Thunderbird has written into the account's settings. */
desk.account = () => {
  const server = desk.server();
  const account = MailServices.accounts.findAccountForServer(server);
  const identity = account.defaultIdentity;
  const outgoing = MailServices.outgoingServer.getServerByIdentity(identity);
  return {
    host: server.hostname,
    port: server.port,
    security: { 0: "none", 2: "STARTTLS", 3: "SSL/TLS" }[server.socketType],
    login: server.username,
    address: identity.email,
    outgoing: outgoing ? outgoing.serverURI.host : null,
  };
};

/** New Account: name and address, Continue; gives the servers that the hub has then found. */
desk.findAccount = async (name, address) => {
  await window.openAccountHub("MAIL");
  desk.hub = await desk.see("the account hub", () =>
    document.querySelector("account-hub-container")?.modal?.querySelector("account-hub-email")
  );
  desk.type(await desk.see("a field", () => desk.hub.querySelector("#realName")), name);
  desk.type(desk.hub.querySelector("#email"), address);
  await desk.forward();
  const found = desk.hub.querySelector("#emailConfigFoundSubview");
  await desk.see("an account's settings", () => !found.hidden);
  await desk.sleep(300); // its fields are filled in
  const ways = ["incoming", "outgoing"];
  const fields = ["Host", "Port", "SocketType"];
  return ways.map(way => fields.map(one => found.querySelector(`#${way}${one}`).textContent));
};

/** Continue, the password, Continue: the account is there, or the hub says why not. */
desk.tryAccount = async password => {
  const shown = id => !desk.hub.querySelector(`#${id}`).hidden;
  await desk.forward();
  await desk.see("the password's field", () => shown("emailPasswordSubview"));
  desk.type(desk.hub.querySelector("#emailPasswordSubview #password"), password);
  await desk.forward();
};

desk.addAccount = async password => {
  const shown = id => !desk.hub.querySelector(`#${id}`).hidden;
  await desk.tryAccount(password);
  await desk.see("the added account", async () => {
    if (shown("emailSyncAccountsSubview")) {
      await desk.forward(); // no calendars, no address books
    }
    return shown("emailAddedSuccessSubview");
  });
};

desk.hubIsIdle = () => !desk.hub.classList.contains("busy");

/** Finish: the folders are shown. */
desk.closeHub = async () => {
  await desk.forward();
  const server = desk.server();
  await desk.see("folders", () => server.rootFolder.descendants.some(one => one.name == "Try me"));
  desk.pane().paneLayout.messagePaneSplitter.height = 300;
};

desk.forward = async () => {
  const button = await desk.see("Continue", () => {
    const found = desk.hub.querySelector("#forward");
    return !found.disabled && !found.hidden && found;
  });
  button.click();
};

desk.type = (field, text) => {
  field.focus();
  field.value = text;
  field.dispatchEvent(new Event("input", { bubbles: true }));
};

/** A page of server settings, filled in by its labels, [label, value] each. */
desk.fillServer = async (which, asked) => {
  const page = desk.hub.querySelector(`#email${which}ConfigSubview`);
  await desk.see(`${which} server settings`, () => !page.hidden);
  const fields = {
    Hostname: "Hostname",
    Port: "Port",
    "Connection security": "ConnectionSecurity",
    "Authentication method": "AuthMethod",
    Username: "Username",
  };
  for (const [label, value] of asked) {
    if (label == "Protocol") {
      continue; // IMAP is what stands there
    }
    const field = page.querySelector(`#${which.toLowerCase()}${fields[label]}`);
    if (field.localName == "input") {
      desk.type(field, value);
    } else {
      const chosen = await desk.see(`${label}: ${value}`, () =>
        [...field.querySelectorAll("option")].find(one => one.label == value && !one.hidden)
      );
      field.value = chosen.value;
    }
    field.dispatchEvent(new Event("change", { bubbles: true }));
  }
};

/** New Account, Manual configuration, both servers, Advanced config: a dialog asks once more. */
desk.addAccountByHand = async (asked, incoming, outgoing) => {
  await window.openAccountHub("MAIL");
  desk.hub = await desk.see("the account hub", () =>
    document.querySelector("account-hub-container")?.modal?.querySelector("account-hub-email")
  );
  const fields = { "Full name": "realName", "Email address": "email" };
  await desk.see("a field", () => desk.hub.querySelector("#realName"));
  for (const [label, value] of asked) {
    desk.type(desk.hub.querySelector(`#${fields[label]}`), value);
  }
  desk.hub.querySelector("#manualConfiguration").click();
  await desk.fillServer("Incoming", incoming);
  await desk.forward();
  await desk.fillServer("Outgoing", outgoing);
  setTimeout(() => desk.hub.querySelector("#advancedConfigurationOutgoing").click(), 0);
};
