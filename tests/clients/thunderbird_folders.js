// What a person does with folders: see, open, subscribe, drag onto them. Folders are named as the
// server names them ("Trackers/Support"); "local:NAME" is one of Thunderbird's own Local Folders.
// A window's own timers stand still while a dialog of it is open.
const { setTimeout, clearTimeout } = ChromeUtils.importESModule(
  "resource://gre/modules/Timer.sys.mjs"
);
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const desk = window.desk;

desk.pane = () => document.getElementById("tabmail").currentAbout3Pane;

desk.nameOf = folder =>
  folder.parent.isServer ? folder.name : `${desk.nameOf(folder.parent)}/${folder.name}`;

desk.localFolder = name => {
  const root = MailServices.accounts.localFoldersServer.rootFolder;
  if (!root.containsChildNamed(name)) {
    root.createSubfolder(name, null);
  }
  return root.getChildNamed(name);
};

desk.folder = name => {
  if (name.startsWith("local:")) {
    return desk.localFolder(name.slice("local:".length));
  }
  const all = desk.server().rootFolder.descendants;
  const found = all.find(one => desk.nameOf(one) == name);
  if (!found) {
    throw new Error(`no folder ${name}, only ${all.map(desk.nameOf).join(", ")}`);
  }
  return found;
};

/** The folder tree as it is shown: server's name, label, unread. */
desk.folders = () =>
  desk.server().rootFolder.descendants.map(one => ({
    name: desk.nameOf(one),
    label: one.localizedName,
    unread: one.getNumUnread(false),
    total: one.getTotalMessages(false),
  }));

desk.folderNames = () => desk.folders().map(one => one.name);

desk.showsJust = names => desk.folderNames().sort().join("\n") == names.sort().join("\n");

/** Click on a folder; gives the subjects of its rows once Thunderbird has it from the server. */
desk.openFolder = async name => {
  const pane = desk.pane();
  const folder = desk.folder(name);
  const loaded = name.startsWith("local:") ? null : desk.loaded(folder);
  if (pane.gFolder == folder) {
    folder.updateFolder(window.msgWindow);
  } else {
    pane.displayFolder(folder.URI);
  }
  await loaded;
  await desk.see(`the folder ${name}`, () => pane.gFolder == folder && pane.gDBView);
  return desk.rows();
};

/** Done when Thunderbird says that it has asked the server for a folder's mails. */
desk.loaded = folder =>
  new Promise((done, failed) => {
    const listener = {
      QueryInterface: ChromeUtils.generateQI(["nsIFolderListener"]),
      onFolderEvent(which, event) {
        if (which == folder && event == "FolderLoaded") {
          finish(done);
        }
      },
    };
    const finish = (end, value) => {
      clearTimeout(timer);
      MailServices.mailSession.RemoveFolderListener(listener);
      end(value);
    };
    const late = new Error(`${folder.URI} isn't loaded`);
    const timer = setTimeout(() => finish(failed, late), 30000);
    MailServices.mailSession.AddFolderListener(listener, Ci.nsIFolderListener.event);
  });

/** What the thread pane shows. */
desk.rows = () => {
  const view = desk.pane().gDBView;
  return Array.from({ length: view.rowCount }, (_, n) => desk.subjectOf(view.getMsgHdrAt(n)));
};

/** File -> Subscribe: opens the dialog; gives each folder's name and whether it is ticked. */
desk.openSubscriptions = async () => {
  const root = desk.server().rootFolder;
  setTimeout(() => window.MsgSubscribe(root), 0);
  const dialog = await desk.window("subscribe.xhtml");
  desk.subscriptions = dialog;
  await desk.see("the folders to subscribe", () => {
    const view = dialog.document.getElementById("subscribeTree")?.view;
    return view?.rowCount > 3;
  });
  dialog.moveTo(260, 10);
  dialog.resizeTo(540, 700);
  await desk.see("the tree's height", () => dialog.innerHeight > 600);
  return desk.subscriptionRows().map(row => [row.childPath, row.hasProperty("checked")]);
};

desk.subscriptionRows = () => {
  const flat = row => [row, ...row.children.flatMap(flat)];
  return desk.subscriptions.document.getElementById("subscribeTree").view._allRowMap.flatMap(flat);
};

/** Tick or untick a folder in the open dialog. */
desk.tick = path => {
  const row = desk.subscriptionRows().find(one => one.childPath == path);
  row.toggleProperty("checked", !row.hasProperty("checked"));
};

desk.closeSubscriptions = () => {
  desk.subscriptions.document.querySelector("dialog").acceptDialog();
};

/**
 * Drag mails of one folder over another one and let go of them there, if that is allowed: the mouse
 * is pressed and moved in the thread pane, and what Thunderbird then puts into the drag goes to the
 * folder pane's own event handlers. effect: "move", or "copy" (with Ctrl held down).
 * Gives "none" where the pointer shows that nothing can be dropped, else the effect.
 */
desk.drag = async (from, subjects, to, effect) => {
  await desk.openFolder(from);
  await desk.select(subjects);
  return desk.dropped(await desk.gesture(subjects[0]), to, effect);
};

/** What a drag of the selected mails carries. */
desk.gesture = async subject => {
  const pane = desk.pane();
  const n = desk.rows().lastIndexOf(subject);
  pane.threadTree.scrollToIndex(n, true);
  const row = await desk.see(`the row of ${subject}`, () => pane.threadTree.getRowAtIndex(n));
  const box = row.getBoundingClientRect();
  const [x, y] = [box.x + box.width / 2, box.y + box.height / 2];
  const mouse = (type, right) =>
    pane.synthesizeMouseEvent(type, x + right, y, { button: 0, clickCount: 1 }, {});
  const transfer = await new Promise(done => {
    pane.addEventListener(
      "dragstart",
      event => {
        event.preventDefault(); // no drag of the X server's begins
        done(event.dataTransfer);
      },
      { once: true }
    );
    mouse("mousedown", 0);
    mouse("mousemove", 10);
    mouse("mousemove", 20);
  });
  // Not let go of in the thread pane, where it would be a click.
  pane.synthesizeMouseEvent("mouseup", 1, 1, { button: 0, clickCount: 1 }, {});
  return transfer;
};

/** Drag an .eml file of the desktop onto a folder. */
desk.dragFile = (path, to) => {
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(path);
  const transfer = new (desk.pane().DataTransfer)();
  transfer.mozSetDataAt("application/x-moz-file", file, 0);
  return desk.dropped(transfer, to, "copy");
};

desk.rowOf = async name => {
  const pane = desk.pane();
  const row = await desk.see(`the row of ${name}`, () =>
    pane.folderPane.getRowForFolder(desk.folder(name))
  );
  for (let above = row.parentElement; above; above = above.parentElement) {
    above.classList?.remove("collapsed");
  }
  row.scrollIntoView({ block: "nearest" });
  return row;
};

desk.dropped = async (transfer, to, effect) => {
  const pane = desk.pane();
  const row = await desk.rowOf(to);
  const line = row.querySelector(".container");
  const box = line.getBoundingClientRect();
  const event = type =>
    new pane.DragEvent(type, {
      bubbles: true,
      cancelable: true,
      dataTransfer: transfer,
      clientX: box.x + box.width / 2,
      clientY: box.y + box.height / 2,
    });
  transfer.effectAllowed = "copyMove";
  transfer.dropEffect = effect;
  line.dispatchEvent(event("dragenter"));
  line.dispatchEvent(event("dragover"));
  const allowed = transfer.dropEffect;
  if (allowed != "none") {
    setTimeout(() => line.dispatchEvent(event("drop")), 0);
  }
  return allowed;
};
