import mark from "/playhead.svg";

export function Brand() {
  return (
    <span className="brand">
      <img src={mark} alt="" width={26} height={26} />
      Playhead
    </span>
  );
}
