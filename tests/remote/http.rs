//! Over HTTP, from a server that asks who comes: git's own, behind a few lines that speak HTTP.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::{Arc, Mutex};

use super::{listener, mirror, says, script, set, stage, value};
use crate::support::{Outcome, TestEnv, files_below, tool};

/// A user and a password of the server, as its clients have to send them.
const USER: &str = "me@acme";
const PASSWORD: &str = "hunter22 /%";
/// The same in an address.
const IN_ADDRESS: &str = "me%40acme:hunter22%20%2F%25";
/// `USER:PASSWORD` in base 64, as `printf 'me@acme:hunter22 /%%' | base64` says it.
const BASIC: &str = "bWVAYWNtZTpodW50ZXIyMiAvJQ==";

/// Serves the repositories in a folder to those who say who they are; returns the port, and what was sent in place of it.
fn serve(root: PathBuf) -> (u16, Arc<Mutex<Vec<String>>>) {
    let (listener, port) = listener();
    let refused = Arc::new(Mutex::new(Vec::new()));
    let log = Arc::clone(&refused);
    std::thread::spawn(move || accept(&listener, &root, &log));
    (port, refused)
}

fn accept(listener: &TcpListener, root: &Path, refused: &Mutex<Vec<String>>) {
    for stream in listener.incoming().map_while(Result::ok) {
        // A client that hangs up is no business of the server.
        let _ = answer(stream, root, refused);
    }
}

fn answer(mut stream: TcpStream, root: &Path, refused: &Mutex<Vec<String>>) -> std::io::Result<()> {
    let mut reader = BufReader::new(stream.try_clone()?);
    let mut lines = Vec::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line)?;
        let line = line.trim_end().to_owned();
        if line.is_empty() {
            break;
        }
        lines.push(line);
    }
    let header = |name: &str| {
        let mut headers = lines.iter().filter_map(|line| line.split_once(": "));
        headers.find(|(known, _)| known.eq_ignore_ascii_case(name)).map_or("", |(_, value)| value)
    };
    let mut body = vec![0; header("Content-Length").parse().unwrap_or(0)];
    reader.read_exact(&mut body)?;
    let who = header("Authorization");
    if who != format!("Basic {BASIC}") {
        refused.lock().expect("the log").push(who.to_owned());
        let refusal = "HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic realm=\"x\"\r\n\
                       Content-Length: 0\r\nConnection: close\r\n\r\n";
        return stream.write_all(refusal.as_bytes());
    }
    let mut request = lines.first().map_or("", String::as_str).split(' ');
    let (method, path) = (request.next().unwrap_or(""), request.next().unwrap_or(""));
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let mut backend = Command::new("git");
    backend.arg("http-backend").stdin(Stdio::piped()).stdout(Stdio::piped());
    backend.env("GIT_PROJECT_ROOT", root).env("GIT_HTTP_EXPORT_ALL", "1");
    backend.env("REQUEST_METHOD", method).env("PATH_INFO", path).env("QUERY_STRING", query);
    backend.env("CONTENT_TYPE", header("Content-Type")).env("REMOTE_USER", USER);
    backend.env("HTTP_CONTENT_ENCODING", header("Content-Encoding"));
    backend.env("GIT_PROTOCOL", header("Git-Protocol"));
    let mut backend = backend.spawn()?;
    backend.stdin.take().expect("piped").write_all(&body)?;
    let output = backend.wait_with_output()?.stdout;
    // What a CGI program says of the status comes as a header.
    let end = output.windows(4).position(|four| four == b"\r\n\r\n").unwrap_or(0);
    let head = String::from_utf8_lossy(&output[..end]);
    let status = head.lines().find_map(|line| line.strip_prefix("Status: ")).unwrap_or("200 OK");
    write!(stream, "HTTP/1.1 {status}\r\nConnection: close\r\n")?;
    stream.write_all(&output)
}

/// Runs a command and everything that it starts; returns every command line, too.
fn watched(env: &TestEnv, arguments: &[&str]) -> (Outcome, String) {
    let mut command = env.command(tool("CLAUDE_ENV_TEST_STRACE"));
    command.args(["-f", "-qq", "-s", "65536", "-e", "trace=execve", "-o"]);
    command.arg(env.join("started")).arg(assert_cmd::cargo::cargo_bin("claude-env"));
    let outcome = env.outcome(command.args(arguments));
    (outcome, env.read("started"))
}

/// Fails where a text has the password, as it is or as an address has it.
#[track_caller]
fn has_no_secret(text: &str) {
    assert!(!text.contains("hunter22"), "{text}");
}

#[test]
fn credentials_of_an_address_are_in_no_command_line() {
    let env = stage();
    let (port, refused) = serve(env.path().to_owned());
    let address = format!("http://{IN_ADDRESS}@127.0.0.1:{port}/config");
    let (outcome, started) = watched(&env, &["-C", "ws", "-vv", "init", "--source", &address]);
    let outcome = outcome.code(0);
    assert_eq!(value(&env), "one");
    // Our own was typed by whoever started it.
    let theirs: Vec<&str> = started.lines().skip(1).collect();
    assert!(theirs.iter().any(|line| line.contains("http://127.0.0.1:")), "{started}");
    assert!(theirs.iter().any(|line| line.contains("CLAUDE_ENV_GIT_PASSWORD")), "{started}");
    has_no_secret(&theirs.join("\n"));
    has_no_secret(&(outcome.stdout + &outcome.stderr));
    for file in files_below(&mirror(&env)) {
        has_no_secret(&String::from_utf8_lossy(&std::fs::read(&file).expect("a file")));
    }
    // The server asks first, and is told then.
    assert!(refused.lock().expect("the log").iter().all(String::is_empty));
}

#[test]
fn what_the_server_refuses_is_said_without_them() {
    let env = stage();
    let (port, refused) = serve(env.path().to_owned());
    let address = format!("http://me:hunter22@127.0.0.1:{port}/config");
    let outcome = env.run(&["-C", "ws", "-vv", "init", "--source", &address]).code(3);
    says(&outcome, "refuses access");
    has_no_secret(&outcome.stderr);
    let refused = refused.lock().expect("the log");
    // `me:hunter22`
    assert!(refused.iter().any(|who| who == "Basic bWU6aHVudGVyMjI="), "{refused:?}");
}

#[test]
fn helpers_of_the_user_answer_for_a_name_alone() {
    let env = stage();
    let (port, _) = serve(env.path().to_owned());
    let helper = script(
        &env,
        "helper",
        &format!(
            "echo \"$1\" >> {0}/asked; cat >> {0}/asked\n[ \"$1\" = get ] && printf 'password=%s\\n' '{PASSWORD}'",
            env.path().display()
        ),
    );
    env.write("gitconfig", format!("[credential]\nhelper = {}\n", helper.display()));
    let run = |who: &str, code: i32| {
        let mut command = env.claude_env();
        let address = format!("http://{who}@127.0.0.1:{port}/config");
        command.args(["show", "environment.N", "--config-repo", &address]);
        command.env("GIT_CONFIG_GLOBAL", env.join("gitconfig"));
        env.outcome(&mut command).code(code)
    };
    assert_eq!(run("me%40acme", 0).stdout, "\"one\"\n");
    assert!(env.read("asked").contains("username=me@acme\n"), "{}", env.read("asked"));
    // Where the address has a password too, they have nothing to say, and nothing to keep.
    std::fs::remove_file(env.join("asked")).expect("the log");
    set(&env, "two");
    assert_eq!(run(IN_ADDRESS, 0).stdout, "\"two\"\n");
    assert!(!env.join("asked").exists());
}
