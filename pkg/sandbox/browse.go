package sandbox

import (
	"context"
	"errors"
	"html"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"regexp"
	"strings"
)

// Browse opens a URL as a person's browser does: it keeps cookies, follows redirects, and sends on a form
// that a page sends by itself. It returns the page at the end and its status. client may be nil; its own jar, if it has one, is used.
func Browse(ctx context.Context, client *http.Client, address string) (page string, status int, err error) {
	browser, err := browserOf(client)
	if err != nil {
		return "", 0, err
	}
	page, resp, err := visit(ctx, browser, http.MethodGet, address, "")
	if err == nil && strings.Contains(page, sendsItself) {
		page, resp, err = sendOn(ctx, browser, resp.Request.URL, page)
	}
	if err != nil {
		return "", 0, err
	}
	return page, resp.StatusCode, nil
}

// sendsItself is the script of a page that goes on by itself.
const sendsItself = "document.forms[0].submit()"

// sendOn sends the one form of such a page.
func sendOn(ctx context.Context, browser *http.Client, from *url.URL, page string) (string, *http.Response, error) {
	action := formAction.FindStringSubmatch(page)
	if action == nil {
		return "", nil, errors.New("the page sends a form that is not there")
	}
	to, err := from.Parse(html.UnescapeString(action[1]))
	if err != nil {
		return "", nil, err
	}
	form := url.Values{}
	for _, field := range hiddenField.FindAllStringSubmatch(page, -1) {
		form.Add(html.UnescapeString(field[1]), html.UnescapeString(field[2]))
	}
	return visit(ctx, browser, http.MethodPost, to.String(), form.Encode())
}

// BrowseAs is Browse by a person who signs in as user, or presses Cancel when user is "": if a sign-in
// page of the sandbox comes up, that button is pressed, and the page after it is returned.
func BrowseAs(ctx context.Context, client *http.Client, url, user string) (page string, status int, err error) {
	press := "cancel=yes"
	if user != "" {
		press = userButton(user)
	}
	return browseAndPress(ctx, client, url, press)
}

func userButton(user string) string { return url.Values{"user": {user}}.Encode() }

// hiddenTicket and formAction find the one form of the sandbox's own page, hiddenField what any form has.
var (
	hiddenField  = regexp.MustCompile(`<input type="hidden" name="([^"]+)" value="([^"]*)">`)
	hiddenTicket = regexp.MustCompile(`name="ticket" value="([^"]+)"`)
	formAction   = regexp.MustCompile(`<form method="post" action="([^"]+)"`)
)

// browseAndPress opens a page and sends its form, if it has one, with a button (name=value).
func browseAndPress(ctx context.Context, client *http.Client, address, button string) (string, int, error) {
	browser, err := browserOf(client)
	if err != nil {
		return "", 0, err
	}
	page, resp, err := visit(ctx, browser, http.MethodGet, address, "")
	if err != nil {
		return "", 0, err
	}
	ticket, action := hiddenTicket.FindStringSubmatch(page), formAction.FindStringSubmatch(page)
	if ticket == nil || action == nil {
		return page, resp.StatusCode, nil
	}
	to, err := resp.Request.URL.Parse(html.UnescapeString(action[1]))
	if err != nil {
		return "", 0, err
	}
	form := url.Values{"ticket": {html.UnescapeString(ticket[1])}}.Encode() + "&" + button
	page, resp, err = visit(ctx, browser, http.MethodPost, to.String(), form)
	if err != nil {
		return "", 0, err
	}
	return page, resp.StatusCode, nil
}

func browserOf(client *http.Client) (*http.Client, error) {
	browser := http.Client{}
	if client != nil {
		browser = *client
	}
	if browser.Jar != nil {
		return &browser, nil
	}
	var err error
	browser.Jar, err = cookiejar.New(nil)
	return &browser, err
}

func visit(ctx context.Context, browser *http.Client, method, address, form string) (string, *http.Response, error) {
	req, err := http.NewRequestWithContext(ctx, method, address, strings.NewReader(form))
	if err != nil {
		return "", nil, err
	}
	if method == http.MethodPost {
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	resp, err := browser.Do(req)
	if err != nil {
		return "", nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(io.LimitReader(resp.Body, maxForm))
	return string(body), resp, err
}
