// What a person does with activities: threads, folders that come and go.
const desk = window.desk;

/** Folders are shown threaded, in lines, with room for long names and for the mail. To be said
 * before the first opening of a folder. */
desk.threadFolders = async () => {
  Services.prefs.setIntPref("mailnews.default_view_flags", 1);
  Services.prefs.setIntPref("mail.threadpane.listview", 1);
  desk.pane().paneLayout.folderPaneSplitter.width = 390;
  desk.pane().paneLayout.messagePaneSplitter.height = 440;
};

/** The columns that say something here; each folder has its own. */
desk.fewColumns = () => {
  const { threadPane, threadTree } = desk.pane();
  const shown = ["threadCol", "subjectCol", "correspondentCol", "dateCol"];
  for (const column of threadPane.columns) {
    column.hidden = !shown.includes(column.id);
  }
  threadPane.updateColumns(true);
  threadTree.reset(); // its rows are made anew
};

/** The composer beside the folders. */
desk.placeComposer = async () => {
  const composer = await desk.window("messengercompose.xhtml");
  composer.moveTo(440, 220);
  composer.resizeTo(700, 420);
};

/** Scroll the mail that is shown to the line that begins with a text. */
desk.scrollTo = text => {
  const page = desk.pane().messageBrowser.contentWindow.getMessagePaneBrowser().contentDocument;
  const all = [...page.body.querySelectorAll("*")].filter(one => !one.children.length);
  all.find(one => one.textContent.trim().startsWith(text)).scrollIntoView({ block: "start" });
};

/** All threads of the open folder unfolded; gives its rows as desk.threads does. */
desk.unfold = async () => {
  const pane = desk.pane();
  await desk.see("all rows", () => {
    pane.gDBView.doCommand(Ci.nsMsgViewCommandType.expandAll);
    return desk.rows().length == pane.gFolder.getTotalMessages(false);
  });
  return desk.threads();
};

/** [level, subject] of each row. */
desk.threads = () => {
  const view = desk.pane().gDBView;
  return desk.rows().map((subject, n) => [view.getLevel(n), subject]);
};

/** Collapse the account and open it again: Thunderbird asks the server what folders there are. */
desk.askForFolders = () => desk.server().performExpand(window.msgWindow);

desk.hasFolder = name => desk.folderNames().includes(name);
desk.lacksFolder = name => !desk.folderNames().includes(name);

/** The UID of the newest mail with this subject. */
desk.uidOf = (folder, subject) => desk.header(folder, subject).messageKey;

/** Whether the newest mail with this subject has a higher UID than that. */
desk.newerThan = (folder, subject, uid) =>
  desk.headers(folder).some(one => desk.subjectOf(one) == subject && one.messageKey > uid);
