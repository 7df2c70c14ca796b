package sandbox

import (
	"net/http"
	"net/url"
	"strings"
)

// devicePage is the verification URI (RFC 8628 §3.3): it asks for the user code, and then has the user sign in. The
// code is shown again even if it came with the URL, because a stranger may have sent the URL (§5.4).
func (p *IdP) devicePage(w http.ResponseWriter, r *http.Request) {
	p.count("device")
	knobs := p.currentKnobs()
	if !p.wait(r.Context(), knobs.Delay) {
		return
	}
	typed := r.URL.Query().Get("user_code")
	userCode := normalUserCode(typed)
	form, ok := p.devices.waiting(userCode, p.now())
	user, named := p.userOf(url.Values{}, knobs)
	switch {
	case typed == "":
		card{Title: "Enter the code", Lines: []string{"Your device shows a code such as BCDF-GHJK."}, AskCode: true, Action: "/device"}.show(w, http.StatusOK)
	case !ok:
		card{Title: "Enter the code", Fault: "No device is waiting for the code that you entered.", AskCode: true, Action: "/device"}.show(w, http.StatusNotFound)
	case named:
		p.deviceDone(w, userCode, p.deviceSignIn(w, r, form, user))
	default:
		session, _ := p.sessions.current(r, &p.server)
		card{Title: "Who are you?", App: form.Get("client_id"), Wants: wants(strings.Fields(form.Get("scope"))),
			Code: userCode, Users: choices(p.Users, session.user.Subject), Action: "/device",
			Ticket: p.tickets.issue(w, r, &p.server, "/device", url.Values{"user_code": {userCode}}, p.now())}.show(w, http.StatusOK)
	}
}

// normalUserCode ignores case, spaces and dashes (RFC 8628 §6.1).
func normalUserCode(typed string) string {
	letters := strings.Map(func(r rune) rune {
		if strings.ContainsRune(userCodeLetters, r) {
			return r
		}
		return -1
	}, strings.ToUpper(typed))
	if len(letters) != 8 {
		return ""
	}
	return letters[:4] + "-" + letters[4:]
}

// deviceAnswer handles the page's buttons.
func (p *IdP) deviceAnswer(w http.ResponseWriter, r *http.Request) {
	p.count("page")
	kept, pressed, ok := p.tickets.request(w, r, &p.server, p.now())
	if !ok {
		return
	}
	if !pressed {
		staleTicket(w)
		return
	}
	userCode := kept.Get("user_code")
	if r.PostForm.Has("cancel") {
		p.deviceDone(w, userCode, nil)
		return
	}
	user, known := p.Users[r.PostForm.Get("user")]
	form, waiting := p.devices.waiting(userCode, p.now())
	if !known || !waiting {
		p.deviceGone(w)
		return
	}
	p.deviceDone(w, userCode, p.deviceSignIn(w, r, form, user))
}

func (p *IdP) deviceSignIn(w http.ResponseWriter, r *http.Request, form url.Values, user User) *signIn {
	s := newSignIn(form, p.sessions.begin(w, r, &p.server, user, p.now()))
	return &s
}

// deviceDone records the answer and shows the result. A nil s refuses.
func (p *IdP) deviceDone(w http.ResponseWriter, userCode string, s *signIn) {
	switch {
	case !p.devices.answer(userCode, s, p.now()):
		p.deviceGone(w)
	case s == nil:
		card{Title: "The device was refused", Failed: true, Lines: []string{"You can close this tab."}}.show(w, http.StatusOK)
	default:
		card{Title: "Signed in as " + s.user.Email, Done: true, Lines: []string{"Your device continues automatically.", "You can close this tab."}}.show(w, http.StatusOK)
	}
}

func (p *IdP) deviceGone(w http.ResponseWriter) {
	failure("The device is no longer waiting for this code.").show(w, http.StatusGone)
}
