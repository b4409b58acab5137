// What a person does with mails: see, read, save, mark, delete, look for.
// A window's own timers stand still while a dialog of it is open.
const { setTimeout, clearTimeout } = ChromeUtils.importESModule(
  "resource://gre/modules/Timer.sys.mjs"
);
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const desk = window.desk;

desk.headers = folder => [...desk.folder(folder).msgDatabase.enumerateMessages()];

/** As the thread pane shows it. */
desk.subjectOf = header =>
  (header.flags & Ci.nsMsgMessageFlags.HasRe ? "Re: " : "") + header.mime2DecodedSubject;

/** The newest mail with this subject; fails if there is none. */
desk.header = (folder, subject) => {
  const found = desk.headers(folder).filter(one => desk.subjectOf(one) == subject);
  if (!found.length) {
    const all = desk.headers(folder).map(desk.subjectOf);
    throw new Error(`no mail "${subject}" in ${folder}, only ${all.join(" | ")}`);
  }
  return found.at(-1);
};

/** What Thunderbird knows of a folder's mails. */
desk.mails = folder =>
  desk
    .headers(folder)
    .filter(one => !(one.flags & Ci.nsMsgMessageFlags.IMAPDeleted))
    .map(one => ({
      uid: one.messageKey,
      subject: desk.subjectOf(one),
      author: one.mime2DecodedAuthor,
      read: one.isRead,
      flagged: one.isFlagged,
      keywords: one.getStringProperty("keywords").split(" ").filter(Boolean),
    }));

desk.subjects = folder => desk.mails(folder).map(one => one.subject);

// Looks of a moment, without asking the server, to be waited for.
desk.hasAll = (folder, subjects) => subjects.every(one => desk.subjects(folder).includes(one));
desk.lacks = (folder, subject) => !desk.subjects(folder).includes(subject);
desk.isEmpty = folder => !desk.mails(folder).length;
desk.isRead = (folder, subject) => desk.header(folder, subject).isRead;
desk.isFlagged = (folder, subject) => desk.header(folder, subject).isFlagged;
desk.hasKeyword = (folder, subject, keyword) =>
  desk.header(folder, subject).getStringProperty("keywords").split(" ").includes(keyword);
desk.shows = subject => desk.rows().includes(subject);
desk.showsNot = subject => !desk.rows().includes(subject);

/** Put .eml files into a Local Folder. */
desk.keep = async (paths, name) => {
  for (const path of paths) {
    const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
    file.initWithPath(path);
    await new Promise((done, failed) =>
      MailServices.copy.copyFileMessage(
        file,
        desk.localFolder(name),
        null,
        false,
        0,
        "",
        {
          QueryInterface: ChromeUtils.generateQI(["nsIMsgCopyServiceListener"]),
          onStartCopy() {},
          onProgress() {},
          setMessageKey() {},
          getMessageId: () => "",
          onStopCopy: status => (status ? failed(new Error(`status ${status}`)) : done()),
        },
        window.msgWindow
      )
    );
  }
};

/** Click on mails of the open folder; folded threads are unfolded. */
desk.select = async subjects => {
  const pane = desk.pane();
  const rows = [];
  if (subjects.length && pane.gViewWrapper.showThreaded) {
    await desk.unfold();
  }
  for (const subject of subjects) {
    rows.push(
      await desk.see(`the row of ${subject}`, () => {
        const n = desk.rows().lastIndexOf(subject);
        return n < 0 ? null : { n };
      })
    );
  }
  pane.threadTree.selectedIndices = rows.map(row => row.n);
  pane.threadTree.focus();
  return desk.see("a selection", () => pane.gDBView.getSelectedMsgHdrs().length == subjects.length);
};

/** Read a mail: what the message pane shows. */
desk.read = async (folder, subject) => {
  await desk.openFolder(folder);
  const pane = desk.pane();
  await desk.select([]);
  await desk.select([subject]);
  const browser = pane.messageBrowser;
  await desk.see(`the mail ${subject}`, () => {
    const shown = browser.contentWindow.gMessage;
    return shown && desk.subjectOf(shown) == subject && browser.contentWindow.msgLoaded;
  });
  const inside = browser.contentWindow;
  return {
    subject: inside.document.getElementById("expandedsubjectBox").textContent.trim(),
    from: inside.document.getElementById("expandedfromBox").textContent.trim(),
    text: inside.getMessagePaneBrowser().contentDocument.body.innerText,
    attachments: inside.currentAttachments.map(one => one.name),
  };
};

/** Show or hide the list of attachments below the mail that is shown. */
desk.showAttachments = () => desk.pane().messageBrowser.contentWindow.toggleAttachmentList(true);

/** Save an attachment of the mail that is shown. */
desk.saveAttachment = async (name, path) => {
  const found = desk.pane().messageBrowser.contentWindow.currentAttachments;
  const file = Cc["@mozilla.org/file/local;1"].createInstance(Ci.nsIFile);
  file.initWithPath(path);
  await found.find(one => one.name == name).saveToFile(file);
};

/** A command of the menu or keyboard on the selected mails, e.g. "cmd_delete", "cmd_tag1". */
desk.command = name => {
  const pane = desk.pane();
  if (!pane.commandController.isCommandEnabled(name)) {
    throw new Error(`${name} isn't enabled`);
  }
  setTimeout(() => pane.commandController.doCommand(name), 0);
};

/** View -> Message Source: the mail's octets, one per character. */
desk.source = async (folder, subject) => {
  const header = desk.header(folder, subject);
  const uri = header.folder.getUriForMsg(header);
  return new Promise((done, failed) => {
    const parts = [];
    MailServices.messageServiceFromURI(uri).streamMessage(
      uri,
      {
        QueryInterface: ChromeUtils.generateQI(["nsIStreamListener", "nsIRequestObserver"]),
        onStartRequest() {},
        onStopRequest: (request, status) =>
          status ? failed(new Error(`status ${status}`)) : done(parts.join("")),
        onDataAvailable(request, stream, offset, length) {
          const octets = Cc["@mozilla.org/binaryinputstream;1"].createInstance(
            Ci.nsIBinaryInputStream
          );
          octets.setInputStream(stream);
          parts.push(octets.readBytes(length));
        },
      },
      window.msgWindow,
      null,
      false,
      "",
      false
    );
  });
};

/** Edit -> Find -> Search Messages: "Body contains", run on the server; gives the subjects found. */
desk.searchOnServer = async (folder, text) => {
  window.openDialog("chrome://messenger/content/SearchDialog.xhtml", "_blank", "chrome,all", {
    folder: desk.folder(folder),
  });
  const dialog = await desk.window("SearchDialog.xhtml");
  await desk.see("a search term", () => dialog.gSearchTerms?.length);
  desk.full(dialog);
  const online = dialog.document.getElementById("checkSearchOnline");
  if (!online.checked) {
    online.click();
  }
  const term = dialog.gSearchTerms[0].obj;
  term.searchattribute.value = String(Ci.nsMsgSearchAttrib.Body);
  const field = await desk.see("a text field", () =>
    dialog.document.querySelector("input.search-value-input")
  );
  desk.type(field, text);
  const button = dialog.document.getElementById("search-button");
  button.click();
  const view = () => dialog.gFolderDisplay.view.dbView;
  const done = () => dialog.document.l10n.getAttributes(button).id == "search-button";
  await desk.see("an end of the search", () => dialog.gFolderDisplay.view.search.session && done());
  const found = () =>
    Array.from({ length: view()?.rowCount || 0 }, (_, n) => desk.subjectOf(view().getMsgHdrAt(n)));
  await desk.sleep(500);
  return found();
};

desk.closeSearch = async () => (await desk.window("SearchDialog.xhtml")).close();
