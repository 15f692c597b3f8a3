/** The same three calls as in the README. No comments among them: zsh does not take any that are pasted. */
export function firstSteps(input: { url: string; token: string }): string {
  const api = `${input.url}/api/v2/instagram`
  return `TOKEN=${input.token}
API=${api}

SESSION=$(curl -s -X POST "$API/login" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"username":"your_instagram_username","password":"your_instagram_password"}' \\
  | sed -n 's/.*"sessionId":"\\([^"]*\\)".*/\\1/p'); echo "session: $SESSION"

curl -s -X POST "$API/message" -H "Authorization: Bearer $TOKEN" -H 'Content-Type: application/json' \\
  -d '{"sessionId":"'"$SESSION"'","recipientUsername":"target_user","content":"Hello! How are you?"}'; echo

curl -s "$API/conversation/conv_your_instagram_username_target_user/messages" -H "Authorization: Bearer $TOKEN"; echo`
}
