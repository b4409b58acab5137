// What a person does to send: write a mail, press Send.
const { MailServices } = ChromeUtils.importESModule("resource:///modules/MailServices.sys.mjs");
const desk = window.desk;

/** Open the composer with what a person types into it. */
desk.write = async (to, subject, text) => {
  const account = MailServices.accounts.findAccountForServer(desk.server());
  const fields = Cc["@mozilla.org/messengercompose/composefields;1"].createInstance(
    Ci.nsIMsgCompFields
  );
  Object.assign(fields, { to, subject, body: text });
  const asked = Cc["@mozilla.org/messengercompose/composeparams;1"].createInstance(
    Ci.nsIMsgComposeParams
  );
  asked.type = Ci.nsIMsgCompType.New;
  asked.format = Ci.nsIMsgCompFormat.PlainText;
  asked.identity = account.defaultIdentity;
  asked.composeFields = fields;
  MailServices.compose.OpenComposeWindowWithParams(null, asked);
  const composer = await desk.window("messengercompose.xhtml");
  await desk.see("the composer", () => composer.gMsgCompose?.editor && composer.gWindowLocked === false);
};

/** The button; what comes of it shows later. */
desk.send = async () => {
  const composer = await desk.window("messengercompose.xhtml");
  composer.setTimeout(() => composer.goDoCommand("cmd_sendNow"), 0);
};

desk.composes = () =>
  [...Services.wm.getEnumerator(null)].some(one =>
    one.location.href.endsWith("messengercompose.xhtml")
  );
desk.hasSent = () => !desk.composes();

/** What a dialog says, once it says this. */
desk.says = (name, text) => {
  const said = desk.textOf(name);
  return said?.includes(text) && said;
};
