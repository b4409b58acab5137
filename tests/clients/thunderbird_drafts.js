// What a person does with drafts: open one in the composer, see what is in it.
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const desk = window.desk;

/** Open the draft that is selected, as a double click does; gives what the composer shows. */
desk.editDraft = async () => {
  desk.pane().commandController.doCommand("cmd_editDraftMsg");
  const composer = await desk.window("messengercompose.xhtml");
  await desk.see("the composer", () => composer.gMsgCompose?.editor);
  const page = composer.document;
  const body = () => composer.gMsgCompose.editor.document.body;
  await desk.see("the draft's text", () => body().innerText.trim());
  const shown = {
    isDraft: composer.gMsgCompose.type == Ci.nsIMsgCompType.Draft,
    from: composer.gMsgCompose.identity.email,
    to: [...page.querySelectorAll("#toAddrContainer mail-address-pill")].map(
      one => one.fullAddress
    ),
    subject: page.getElementById("msgSubject").value,
    text: body().innerText,
    isHtml: composer.gMsgCompose.composeHTML,
    references: composer.gMsgCompose.compFields.references,
  };
  return shown;
};

desk.closeComposer = async () => (await desk.window("messengercompose.xhtml")).close();
